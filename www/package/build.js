// Names this build of the engine, so that what was measured with another one is not relied on. The
// build script fills it in.

export const BUILD = '__BUILD__';
