// Runs first in the page: collects what would stand in the console, which not every driver tells.

const complaints = (window.complaints = []);
for (const level of ['error', 'warn']) {
  const say = console[level];
  console[level] = (...values) => {
    complaints.push(values.map(String).join(' '));
    say.apply(console, values);
  };
}
// Also the failures of files, which only pass through.
addEventListener(
  'error',
  ({ message, target }) => complaints.push(message ?? `${target.src ?? target.href} was not loaded`),
  true,
);
addEventListener('unhandledrejection', ({ reason }) => complaints.push(String(reason)));
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  complaints.push(`${violatedDirective} forbids ${blockedURI}`),
);
