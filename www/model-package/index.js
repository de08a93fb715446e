// What registry.json says, with the address of the file spelled out: bundlers copy the file, and the
// address stays right wherever they put it.

const model = __ENTRY__;

export default {
  format: __FORMAT__,
  models: [{ ...model, url: new URL('./__FILE__', import.meta.url).href }],
};
