// Put before a worker's script to learn how much WebAssembly memory it has made. Memory that came to
// it from another worker is counted there. A worker's modules are requested as its script is, so this
// may come more than once.
if (!globalThis.benchSpy) {
  globalThis.benchSpy = true;
  const memories = new Set();
  const watched = (make) =>
    new Proxy(make, {
      construct(target, args, self) {
        const memory = Reflect.construct(target, args, self);
        memories.add(memory);
        return memory;
      },
    });
  const isMemory = (value) => Object.prototype.toString.call(value) === '[object WebAssembly.Memory]';
  const note = (instance, imports = {}) => {
    const given = new Set(Object.values(imports).flatMap((names) => Object.values(names ?? {})));
    for (const value of Object.values(instance.exports))
      if (isMemory(value) && !given.has(value)) memories.add(value);
  };

  WebAssembly.Memory = watched(WebAssembly.Memory);
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (source, imports, ...rest) => {
      const result = await original.call(WebAssembly, source, imports, ...rest);
      note(result.instance ?? result, imports);
      return result;
    };
  }
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, args, self) {
      const instance = Reflect.construct(target, args, self);
      note(instance, args[1]);
      return instance;
    },
  });

  const channel = new BroadcastChannel('bench-memory');
  channel.onmessage = ({ data }) => {
    if (data !== 'report') return;
    let bytes = 0;
    for (const memory of memories) bytes += memory.buffer.byteLength;
    channel.postMessage(bytes);
  };
}
