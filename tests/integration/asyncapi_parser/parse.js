// Reads a list of AsyncAPI documents from standard input; answers what the public parser says of each, as JSON.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const parser = new Parser();
const answers = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  const { document, diagnostics } = await parser.parse(text);
  answers.push({
    accepted: document !== undefined,
    channels: document ? document.channels().all().map((one) => one.address()) : [],
    payloads: document ? document.messages().all().map((one) => one.payload().id()) : [],
    // 0 is an error, 1 a warning; hints and information are no fault.
    faults: diagnostics.filter((one) => one.severity <= 1).map((one) => `${one.code}: ${one.message}`),
  });
}
console.log(JSON.stringify(answers));
