#!/usr/bin/env node
// A complete harness that speaks the wire contract (../WIRE.md), in JavaScript for Node 18 and
// later. To measure your own code, replace the first part and keep the second. What there is:
//
//     node runner.mjs _list
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

// ---- What is measured: replace this ----

const numbers = (n) => Array.from({ length: n }, (_, i) => Math.imul(i, 2654435761) >>> 0);

// By name: its keys in the answer to `_list`, and what makes its input, whose time does not count,
// and returns the call that is timed.
const workloads = {
  "demo/sum": {
    listed: { kind: "parametric", ladder: { low: 1, high: 65536 }, complexity: "n" },
    prepare(n) {
      const values = numbers(n);
      return () => values.reduce((total, value) => total + value, 0);
    },
  },
  "demo/sort": {
    listed: { kind: "fixed" },
    prepare() {
      const values = numbers(1000);
      return () => values.slice().sort((a, b) => a - b)[500];
    },
  },
};

// ---- The contract: keep this ----

let answer; // outside of the loop, so that no call is dropped

function timeCalls(call, repeats) {
  const began = process.hrtime.bigint();
  for (let i = 0; i < repeats; i++) answer = call();
  return Number(process.hrtime.bigint() - began);
}

// A hash of the answer: by it `tacho` sees that every process answers the same.
function fnv1a(text) {
  let state = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) {
    state = BigInt.asUintN(64, (state ^ BigInt(byte)) * 0x100000001b3n);
  }
  return "0x" + state.toString(16).padStart(16, "0");
}

// The most memory that this process ever had.
function peakRssKb() {
  const found = /VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"));
  return found && Number(found[1]);
}

// Unlike console.log, this fails where a line cannot be written.
const print = (line) => writeFileSync(1, JSON.stringify(line) + "\n");

function list() {
  for (const [name, { listed }] of Object.entries(workloads)) {
    print({ schema_version: 1, name, ...listed });
  }
}

function child(args) {
  const word = { type: "string" };
  const options = {
    bench: word, fixed: { type: "boolean", default: false }, param: word, "repeat-index": word,
    "target-nanos": word, "min-total-nanos": word, "cache-mode": word, "env-json": word,
  };
  const asked = parseArgs({ args, options }).values; // throws at a word that it does not know
  const workload = Object.hasOwn(workloads, asked.bench ?? "") && workloads[asked.bench];
  if (!workload) throw new Error(`unknown workload: ${asked.bench}`);
  const { kind } = workload.listed;
  if (asked.fixed !== (kind === "fixed")) throw new Error(`${asked.bench} is ${kind}`);
  const which = Number(asked.fixed ? asked["repeat-index"] : asked.param);
  const target = Number(asked.fixed ? asked["min-total-nanos"] : asked["target-nanos"]);
  const cache_mode = asked["cache-mode"] ?? "warm";
  if (!Number.isSafeInteger(which) || !Number.isSafeInteger(target)) {
    throw new Error("--param or --repeat-index, or the target, is no whole number");
  }
  if (!["warm", "cold"].includes(cache_mode)) throw new Error(`unknown mode: ${cache_mode}`);

  // One call; then twice as many, again and again, while half of the target is not reached.
  const call = workload.prepare(which);
  let repeats = 1;
  let total_nanos = timeCalls(call, repeats);
  while (cache_mode === "warm" && total_nanos < target / 2) {
    repeats *= 2;
    total_nanos = timeCalls(call, repeats);
  }
  const text = String(answer);
  const preview = process.env.TACHO_PREVIEW && { result_preview: text.slice(0, 200) };
  print({
    schema_version: 1, kind, function: asked.bench, status: "ok",
    [asked.fixed ? "repeat_index" : "param"]: which,
    total_nanos, inner_repeats: repeats, cache_mode,
    peak_rss_kb: peakRssKb(), result_hash: fnv1a(text), ...preview,
  });
}

try {
  const [verb, ...args] = process.argv.slice(2);
  if (verb === "_list" && args.length === 0) list();
  else if (verb === "_child") child(args);
  else throw new Error(`unknown words: ${[verb, ...args].join(" ")}`);
} catch (error) {
  console.error(`runner: ${error.message}`);
  process.exitCode = 2;
}
