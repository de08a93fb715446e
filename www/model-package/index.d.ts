/** A registry of one model, for the option `registry` of Pocketglot. */
declare const registry: {
  format: 1;
  models: {
    /** Language tags. */
    source: string;
    target: string;
    /** Where the model's file is. */
    url: string;
    /** Length of the file, and the SHA-256 of its bytes in hexadecimal digits. */
    bytes: number;
    sha256: string;
    /** Length of what is in it, unpacked. */
    size: number;
    licence: string;
    /** Who made it, and where the weights come from. */
    credit: string;
    sourceUrl: string;
  }[];
};
export default registry;
