// Runs fxtranslate's glue for Node.js: what it asks Node.js for is the path of its own .wasm, read at
// once, so that is fetched before.

let translator;

const bytes = async (url) => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};

async function load({ glue, wasm, model, vocabulary, shortlist }) {
  const [code, engine, ...files] = await Promise.all(
    [glue, wasm, model, vocabulary, shortlist].map(bytes),
  );
  const module = { exports: {} };
  const require = (name) => {
    if (name === 'fs') return { readFileSync: () => engine };
    throw new Error(`fxtranslate asks for the module ${name}`);
  };
  const run = new Function('module', 'exports', 'require', '__dirname', new TextDecoder().decode(code));
  run(module, module.exports, require, '');
  const [weights, pieces, lexicon] = files;
  translator = new module.exports.Translator(weights, pieces, pieces, lexicon);
  return translator.backend();
}

onmessage = async ({ data }) => {
  try {
    // translate_long splits a text into sentences, as every other engine here does.
    const result = data.texts
      ? data.texts.map((text) => translator.translate_long(text))
      : await load(data);
    postMessage({ result });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
