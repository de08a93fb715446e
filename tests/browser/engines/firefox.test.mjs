// The package and the page in Firefox.

import { openFirefox, skip } from './firefox.mjs';
import { describeBrowser } from './scenarios.mjs';

describeBrowser('Firefox', { skip, open: () => openFirefox(), shared: true });
