'use strict';
// Puts the contract into the package: protos/engine/v1 of the checkout, without the HTTP annotations, so that clients need
// no package for them.
const fs = require('node:fs');
const path = require('node:path');

const from = path.join(__dirname, '..', '..', '..', 'protos', 'engine', 'v1');
const to = path.join(__dirname, 'protos', 'engine', 'v1');
fs.rmSync(path.join(__dirname, 'protos'), { recursive: true, force: true });
fs.mkdirSync(to, { recursive: true });
for (const file of fs.readdirSync(from).filter((name) => name.endsWith('.proto'))) {
  const text = fs.readFileSync(path.join(from, file), 'utf8')
    .replace(/^import "google\/api\/.*\n/gm, '')
    .replace(/option \(google\.api\.http\) = \{(?:"[^"]*"|[^"}])*\};/g, '');
  fs.writeFileSync(path.join(to, file), text);
}
