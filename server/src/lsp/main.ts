/** The language server's process: over node IPC where an editor forks it, else over standard input and output. */
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { serve } from "./server.js";

const channels = ["--node-ipc", "--socket", "--pipe"];
const named = process.argv.some((argument) => channels.some((channel) => argument.startsWith(channel)));

const connection = named
  ? createConnection(ProposedFeatures.all)
  : createConnection(ProposedFeatures.all, process.stdin, process.stdout);

// Standard output belongs to the protocol: a stray log line there would break it.
console.log = console.error;

serve(connection);
connection.listen();
