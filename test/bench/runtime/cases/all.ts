import type { Case } from "../harness.js";
import { channelInts, channelObjects } from "./channel.js";
import { mutexContended } from "./contended.js";
import { memory } from "./memory.js";
import { mutexAlone } from "./mutex.js";
import { poolAlone, poolBusy } from "./pool.js";
import { spawnCold, spawnWarm } from "./spawn.js";
import { speedUp } from "./speedUp.js";
import { objectCopy, transferLarge, transferSmall } from "./transfer.js";

/** In the order of the table. */
export const cases: readonly Case[] = [
  spawnCold,
  spawnWarm,
  poolAlone,
  poolBusy,
  transferSmall,
  transferLarge,
  objectCopy,
  mutexAlone,
  mutexContended,
  channelInts,
  channelObjects,
  speedUp,
  memory,
];
