// Says what Mermaid finds wrong with pictures: a JSON list of texts comes in, a JSON list of messages goes out.
import { text } from "node:stream/consumers";
import purify from "dompurify";

// Labels are made safe for a browser's page, which is not here; what is asked is only whether they parse.
purify.addHook = () => {};
purify.sanitize = (label) => label;
const { default: mermaid } = await import("mermaid");

const found = [];
for (const picture of JSON.parse(await text(process.stdin))) {
  try {
    await mermaid.parse(picture);
    found.push("");
  } catch (error) {
    found.push(String(error.message));
  }
}
console.log(JSON.stringify(found));
