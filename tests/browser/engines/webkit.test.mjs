// The package and the page in WebKit. WebKitGTK gives pages no shared memory. Safari does, and so does the
// same engine when a setting asks for it: what helpers do is tested with that.

import { computing } from './computing.mjs';
import { describeBrowser } from './scenarios.mjs';
import { openWebKit, skip } from './webkit.mjs';

describeBrowser('WebKitGTK', { skip, open: () => openWebKit(), shared: false });

describeBrowser('WebKitGTK with shared memory', {
  skip,
  open: () => openWebKit({ JSC_useSharedArrayBuffer: '1' }),
  shared: true,
  scenarios: [computing],
});
