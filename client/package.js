// `npm run package`: the VSIX for this platform, or for the one named.
//
//   npm run package
//   npm run package -- --target darwin-arm64
import { parseArgs } from "node:util";
import { packageVsix, thisPlatform } from "./host/vsix.js";

const { values } = parseArgs({ options: { target: { type: "string", default: thisPlatform } } });
const { path, bytes } = await packageVsix({ target: values.target, log: console.log });
console.log(`${path} (${(bytes / 1e6).toFixed(1)} MB)`);
