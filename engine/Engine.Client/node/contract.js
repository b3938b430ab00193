'use strict';
// The contract engine.v1, from the .proto files that the package was built with.
const fs = require('node:fs');
const path = require('node:path');
const loader = require('@grpc/proto-loader');

const root = path.join(__dirname, 'protos');
const files = fs.readdirSync(path.join(root, 'engine', 'v1')).map((file) => `engine/v1/${file}`);
// Fields are in lowerCamelCase, enums are words and 64-bit numbers are strings, as in JSON.
const definitions = loader.loadSync(
  files, { includeDirs: [root], longs: String, enums: String, defaults: true, oneofs: true });

/** Services by name in lowerCamelCase; each has its methods by name in lowerCamelCase. */
exports.services = {};
for (const [name, definition] of Object.entries(definitions)) {
  const methods = Object.values(definition).filter((method) => method.path !== undefined);
  if (methods.length > 0) {
    const service = name.slice(name.lastIndexOf('.') + 1);
    exports.services[service[0].toLowerCase() + service.slice(1)] = Object.fromEntries(methods.map((method) => [
      method.originalName,
      {
        ...method,
        isRead: method.options.idempotency_level === 'NO_SIDE_EFFECTS',
        isSafe: ['NO_SIDE_EFFECTS', 'IDEMPOTENT'].includes(method.options.idempotency_level),
      },
    ]));
  }
}
