// Node's runtime: fetches invocations from the Runtime API and runs them in the handler, until it is ended.
//
// Started by path as `node node.mjs SETTINGS`. Needs nothing but Node 18 or newer. What it offers, prints and answers is
// what AWS's own runtime does: handlers that are async or take a callback, CommonJS and ES modules,
// awslambda.streamifyResponse and HttpResponseStream, errors as {errorType, errorMessage, trace}.

import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import path from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import util from "node:util";

const API = process.env.AWS_LAMBDA_RUNTIME_API;
const ROOT = process.env.LAMBDA_TASK_ROOT;
const AS_JSON = (process.env.AWS_LAMBDA_LOG_FORMAT || "").toUpperCase() === "JSON";
const LEVELS = { TRACE: 0, DEBUG: 1, INFO: 2, WARN: 3, ERROR: 4, FATAL: 5 };
const LEAST = LEVELS[(process.env.AWS_LAMBDA_LOG_LEVEL || "").toUpperCase()] ?? 0;
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");
const PRELUDE_TYPE = "application/vnd.awslambda.http-integration-response";
const HERE = fileURLToPath(import.meta.url);
const PAUSE = new Int32Array(new SharedArrayBuffer(4));

let requestId; // of the invocation that runs
let fatal; // what to do with an error that nobody caught

// The Runtime API, on one connection. It keeps the process alive only while an answer is waited for.

const [host, port] = API.split(":");

class Connection {
  #socket;
  #chunks = [];
  #length = 0;
  #expected = 0;
  #waiting;

  async ask(method, name, headers, body) {
    const fields = { Host: API, ...headers };
    if (method === "POST" && !("Transfer-Encoding" in headers)) fields["Content-Length"] = body.length;
    const lines = Object.entries(fields).map(([key, value]) => `${key}: ${value}\r\n`);
    const head = Buffer.from(`${method} /2018-06-01/runtime/${name} HTTP/1.1\r\n${lines.join("")}\r\n`);
    const known = this.#socket;
    try {
      return await this.#exchange(body ? Buffer.concat([head, body]) : head);
    } catch (error) {
      if (!known) throw error;
      return this.#exchange(body ? Buffer.concat([head, body]) : head); // it was closed meanwhile
    }
  }

  write(chunk, done) {
    this.#socket.write(chunk, done);
  }

  #exchange(data) {
    return new Promise((resolve, reject) => {
      this.#socket ??= this.#connect();
      this.#socket.ref();
      this.#waiting = { resolve, reject };
      this.#socket.write(data);
    });
  }

  #connect() {
    this.#clear();
    const socket = net.connect({ host, port: Number(port), noDelay: true });
    socket.on("data", (data) => this.#take(data));
    socket.on("error", (error) => this.#lost(error));
    socket.on("close", () => this.#lost(new Error("the Runtime API hung up")));
    return socket;
  }

  #take(data) {
    this.#chunks.push(data);
    this.#length += data.length;
    if (this.#length < this.#expected) return;
    const received = Buffer.concat(this.#chunks);
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const headers = {};
    for (const line of received.toString("utf8", 0, end).split("\r\n").slice(1)) {
      const colon = line.indexOf(":");
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    this.#expected = end + 4 + Number(headers["content-length"] ?? 0);
    if (this.#length < this.#expected) return;
    const body = received.subarray(end + 4, this.#expected);
    this.#clear();
    this.#socket.unref();
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve({ headers, body });
  }

  #clear() {
    [this.#chunks, this.#length, this.#expected] = [[], 0, 0];
  }

  #lost(error) {
    this.#socket = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }
}

const api = new Connection();

function post(name, text, headers = {}) {
  return api.ask("POST", name, { "Content-Type": "application/json", ...headers }, Buffer.from(text));
}

// Errors.

function isError(value) {
  return value instanceof Error || util.types.isNativeError(value);
}

function described(error) {
  try {
    if (!isError(error)) return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
    return { errorType: String(error.name), errorMessage: inPlace(error.message), trace: traceOf(error) };
  } catch {
    const text = "callback called with Error argument, but there was a problem while retrieving one or more of its";
    return { errorType: "handled", errorMessage: `${text} message, name, and stack`, trace: [] };
  }
}

// Our own file is where AWS's would be.
function inPlace(text) {
  return String(text).replaceAll(HERE, "/var/runtime/index.mjs");
}

function traceOf(error) {
  return typeof error.stack === "string" ? inPlace(error.stack).split("\n") : [];
}

function logged(error) {
  const { errorType, errorMessage, trace } = described(error);
  if (!isError(error)) return { errorType, errorMessage, stack: [] };
  return { errorType, errorMessage, ...error, stack: trace };
}

function runtimeError(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}

// The log: written at once, whoever writes.

function write(fd, text) {
  let rest = Buffer.from(text);
  while (rest.length) {
    try {
      rest = rest.subarray(fs.writeSync(fd, rest));
    } catch (error) {
      if (error.code !== "EAGAIN") return; // the function has closed it
      Atomics.wait(PAUSE, 0, 0, 1);
    }
  }
}

function safeJson(value) {
  const seen = new WeakSet();
  return JSON.stringify(value, (name, item) => {
    if (typeof item === "bigint") return `${item}n`;
    if (isError(item)) return logged(item);
    if (typeof item === "object" && item !== null) {
      if (seen.has(item)) return "[Circular]";
      seen.add(item);
    }
    return item;
  });
}

function asRecord(level, parts) {
  const record = { timestamp: new Date().toISOString(), level, requestId, message: parts[0] };
  if (parts.length !== 1 || typeof parts[0] !== "object" || isError(parts[0])) record.message = util.format(...parts);
  const error = parts.find(isError);
  if (error) Object.assign(record, { errorType: error.name, errorMessage: error.message, stackTrace: traceOf(error) });
  return safeJson(record) + "\n";
}

function say(level, parts) {
  if (AS_JSON && LEVELS[level] < LEAST) return;
  const text = AS_JSON
    ? asRecord(level, parts)
    : `${new Date().toISOString()}\t${requestId}\t${level}\t${util.format(...parts)}\n`;
  write(1, text);
}

function patchConsole() {
  const levels = { log: "INFO", info: "INFO", debug: "DEBUG", warn: "WARN", error: "ERROR", trace: "TRACE", fatal: "FATAL" };
  for (const [name, level] of Object.entries(levels)) console[name] = (...parts) => say(level, parts);
  for (const [stream, fd] of [[process.stdout, 1], [process.stderr, 2]]) {
    stream.write = (chunk, encoding, done) => {
      write(fd, typeof chunk === "string" ? Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8") : chunk);
      const callback = typeof encoding === "function" ? encoding : done;
      if (callback) process.nextTick(callback);
      return true;
    };
  }
}

function sayUncaught(what, error) {
  if (AS_JSON) say("ERROR", [error]);
  else write(1, `${new Date().toISOString()}\t${requestId}\tERROR\t${what} \t${safeJson(logged(error))}\n`);
}

// Streamed responses.

class ResponseStream extends Writable {
  #contentType = "application/octet-stream";
  #answered;
  #prelude;

  constructor(id, highWaterMark) {
    super(highWaterMark ? { highWaterMark } : {});
    this.id = id;
  }

  setContentType(contentType) {
    if (this.#answered) throw runtimeError("InvalidStreamingOperation", "Cannot set content-type, too late.");
    this.#contentType = contentType;
  }

  get started() {
    return this.#answered !== undefined;
  }

  get answered() {
    return this.#answered;
  }

  set _onBeforeFirstWrite(prelude) {
    this.#prelude = prelude;
  }

  #begin() {
    if (this.#answered) return;
    const headers = {
      "Content-Type": this.#contentType, "Transfer-Encoding": "chunked",
      "Lambda-Runtime-Function-Response-Mode": "streaming",
      Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
    };
    this.#answered = api.ask("POST", `invocation/${this.id}/response`, headers);
    this.#answered.catch((error) => this.destroy(error));
    this.#prelude?.((text) => this.#send(Buffer.from(text)));
  }

  #send(chunk, done) {
    if (!chunk.length) return done?.();
    api.write(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]), done);
  }

  _write(chunk, encoding, done) {
    this.#begin();
    this.#send(Buffer.from(chunk, encoding), done);
  }

  _final(done) {
    this.#begin();
    api.write("0\r\n\r\n", done);
  }

  fail(error) {
    const members = described(error);
    const body = Buffer.from(JSON.stringify(members)).toString("base64");
    const trailers = `Lambda-Runtime-Function-Error-Type: ${typeOf(members)}\r\nLambda-Runtime-Function-Error-Body: ${body}`;
    api.write(`0\r\n${trailers}\r\n\r\n`);
    this.destroy();
  }
}

class HttpResponseStream {
  static from(stream, prelude) {
    stream.setContentType(PRELUDE_TYPE);
    const text = JSON.stringify(prelude);
    stream._onBeforeFirstWrite = (write) => {
      write(text);
      write(new Uint8Array(8));
    };
    return stream;
  }
}

function streamifyResponse(handler, options) {
  handler[STREAMING] = "response";
  handler[HIGH_WATER_MARK] = options?.highWaterMark;
  return handler;
}

globalThis.awslambda = { streamifyResponse, HttpResponseStream };

// The handler.

function exists(file) {
  return fs.existsSync(file) && fs.statSync(file).isFile();
}

async function imported(module) {
  const require = createRequire(import.meta.url);
  const stem = path.resolve(ROOT, module);
  for (const extension of ["", ".js", ".mjs", ".cjs"]) {
    const file = stem + extension;
    if (!exists(file)) continue;
    if (extension === ".cjs" || (extension !== ".mjs" && !isModule(file))) return require(file);
    return import(pathToFileURL(file));
  }
  if (fs.existsSync(stem)) return require(stem); // a folder
  const error = new Error(`Cannot find module '${module}'\nRequire stack:\n- ${HERE}`);
  throw Object.assign(error, { code: "MODULE_NOT_FOUND" });
}

function isModule(file) {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const found = path.join(folder, "package.json");
    if (exists(found)) return JSON.parse(fs.readFileSync(found, "utf8")).type === "module";
    if (folder === ROOT || folder === path.dirname(folder)) return false;
  }
}

async function loadHandler(name) {
  const found = /^((?:.*\/)?[^/]*?)\.([^/]*)$/.exec(name);
  const base = name.slice(name.lastIndexOf("/") + 1);
  const dot = base.indexOf(".");
  if (!found || dot < 0 || name.includes("..")) throw runtimeError("Runtime.MalformedHandlerName", "Bad handler");
  const module = name.slice(0, name.length - base.length + dot);
  const members = base.slice(dot + 1);
  let value;
  try {
    value = await imported(module);
  } catch (error) {
    throw importError(error);
  }
  for (const member of members.split(".")) value = value?.[member] ?? value?.default?.[member];
  if (value === undefined) throw runtimeError("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  if (typeof value !== "function") throw runtimeError("Runtime.HandlerNotFound", `${name} is not a function`);
  return value;
}

function importError(error) {
  const missing = ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(error?.code);
  if (!missing && !(error instanceof SyntaxError)) return error;
  const found = runtimeError(missing ? "Runtime.ImportModuleError" : "Runtime.UserCodeSyntaxError", inPlace(error));
  found.stack = `${found.name}: ${error.stack}`; // whose first lines name the file and the line
  return found;
}

// An invocation.

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsedHeader(headers["lambda-runtime-client-context"]),
    identity: parsedHeader(headers["lambda-runtime-cognito-identity"]),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    tenantId: headers["lambda-runtime-aws-tenant-id"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function parsedHeader(text) {
  return text === undefined ? undefined : JSON.parse(text);
}

// Resolves when the handler is through: with its result, by its promise or by its callback.
function outcomeOf(handler, event, context) {
  return new Promise((resolve, reject) => {
    let called = false;
    const finish = (settle, waits) => {
      if (called) return;
      called = true;
      // A callback waits until nothing is left to be done, unless it was told not to; a promise does not.
      if (waits && context.callbackWaitsForEmptyEventLoop) whenIdle(settle);
      else settle();
    };
    const callback = (error, result) => {
      const settle = () => (error !== undefined && error !== null ? reject(error) : resolve(result));
      finish(settle, error === undefined || error === null);
    };
    context.done = callback;
    context.succeed = (result) => callback(null, result);
    context.fail = (error) => callback(error ?? "handled");
    whenIdle(() => finish(() => resolve(null), false)); // nothing is left that could ever call back
    let result;
    try {
      result = handler(event, context, callback);
    } catch (error) {
      finish(() => reject(error), false);
      return;
    }
    if (typeof result?.then === "function") {
      result.then((value) => finish(() => resolve(value), false), (error) => finish(() => reject(error), false));
    }
  });
}

let idle = [];

function whenIdle(callback) {
  idle.push(callback);
}

process.on("beforeExit", () => {
  const waiting = idle;
  idle = [];
  for (const callback of waiting.reverse()) setImmediate(callback);
});

async function respond(handler, id, event, context) {
  const result = await outcomeOf(handler, event, context);
  let text;
  try {
    text = JSON.stringify(result === undefined ? null : result);
    if (text === undefined) text = "null";
  } catch {
    throw runtimeError("Runtime.UnableToSerialize", "Unable to stringify response body");
  }
  await post(`invocation/${id}/response`, text);
}

async function respondStreaming(handler, id, event, context) {
  const stream = new ResponseStream(id, handler[HIGH_WATER_MARK]);
  const ended = new Promise((resolve) => stream.once("finish", resolve).once("close", resolve));
  const broken = new Promise((_, reject) => stream.once("error", reject));
  broken.catch(() => {});
  const idling = new Promise((resolve) => whenIdle(resolve));
  try {
    await Promise.race([handler(event, stream, context), broken]);
    if (!stream.writableEnded && !stream.destroyed) await Promise.race([ended, broken, idling]);
    if (!stream.writableEnded && !stream.destroyed) stream.end();
    await Promise.race([ended, broken]);
  } catch (error) {
    if (!stream.started) throw error;
    sayUncaught("Invoke Error", error);
    stream.fail(error);
  }
  await stream.answered;
}

async function fail(id, error, what) {
  sayUncaught(what, error);
  const members = described(error);
  await post(`invocation/${id}/error`, JSON.stringify(members), { "Lambda-Runtime-Function-Error-Type": typeOf(members) });
}

function typeOf(members) {
  return String(members.errorType).replace(/[^\x20-\x7e]/g, "?");
}

async function invoke(handler, headers, body) {
  const id = (requestId = headers["lambda-runtime-aws-request-id"]);
  const trace = headers["lambda-runtime-trace-id"];
  if (trace === undefined) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = trace;
  idle = [];
  const context = contextOf(headers);
  const respondIn = handler[STREAMING] === "response" ? respondStreaming : respond;
  const crashed = new Promise((_, reject) => (fatal = reject));
  crashed.catch(() => {});
  try {
    await Promise.race([respondIn(handler, id, JSON.parse(body), context), crashed]);
  } catch (error) {
    const uncaught = error?.[UNCAUGHT];
    await fail(id, uncaught ? uncaught.error : error, uncaught ? uncaught.what : "Invoke Error");
    if (uncaught) process.exit(uncaught.status);
  }
  fatal = undefined;
}

const UNCAUGHT = Symbol("uncaught");

function catchAll() {
  process.on("uncaughtException", (error) => crash({ error, what: "Uncaught Exception", status: 129 }));
  process.on("unhandledRejection", (reason) => {
    const error = runtimeError("Runtime.UnhandledPromiseRejection", isError(reason) ? `${reason}` : String(reason));
    error.reason = reason;
    crash({ error, what: "Unhandled Promise Rejection", status: 128 });
  });
}

function crash(found) {
  if (fatal) fatal({ [UNCAUGHT]: found });
  else {
    sayUncaught(found.what, found.error);
    process.exit(found.status);
  }
}

async function main() {
  const name = process.env._HANDLER;
  patchConsole();
  process.argv.splice(1, process.argv.length, "/var/runtime/index.mjs");
  let handler;
  try {
    handler = await loadHandler(name);
  } catch (error) {
    sayUncaught("Uncaught Exception", error);
    const members = described(error);
    await post("init/error", JSON.stringify(members), { "Lambda-Runtime-Function-Error-Type": typeOf(members) });
    process.exit(129);
  }
  catchAll();
  for (;;) {
    const { headers, body } = await api.ask("GET", "invocation/next", {});
    await invoke(handler, headers, body);
  }
}

await main();
