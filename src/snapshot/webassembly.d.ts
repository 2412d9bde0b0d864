/** What is used of a global of Node.js that its own types leave out. */
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  interface Instance {
    readonly exports: Readonly<Record<string, Memory | ((...values: (number | bigint)[]) => number)>>;
  }
  const Module: new (code: Uint8Array) => Module;
  const Instance: new (module: Module) => Instance;
}
