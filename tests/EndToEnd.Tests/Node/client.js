'use strict';
// Does with the package engine-client what a test says: one JSON object as the only argument. Prints a line for each answer.
const { promises: dns } = require('node:dns');
const fs = require('node:fs');
const readline = require('node:readline');
const { setTimeout: sleep } = require('node:timers/promises');
const { status } = require('@grpc/grpc-js');
const { EngineClient } = require('engine-client');
const { Addresses } = require('engine-client/addresses');
const { services } = require('engine-client/contract');

// The fourth wait would end after the call. On a busy machine an attempt before it may do so, too: then once more.
async function streamToNobody(addresses) {
  let code = 'DEADLINE_EXCEEDED';
  for (let call = 0; call < 20 && code === 'DEADLINE_EXCEEDED'; call++) {
    const engine = new EngineClient({ addresses, attempts: 5 });
    const replies = engine.recommender.rankUsers({ productId: 'P1' }, { timeout: 500 });
    code = await replies.next().then(() => 'OK', (error) => status[error.code]);
    engine.close();
  }

  console.log(code);
}

async function main(asked) {
  if (asked.do === 'safe') {
    Object.values(services).flatMap(Object.values).filter((method) => method.isSafe)
      .forEach((method) => console.log(method.path));
    return;
  }

  if (asked.do === 'ask again') {
    await askAgain();
    return;
  }

  if (asked.do === 'stream to nobody') {
    await streamToNobody(asked.addresses);
    return;
  }

  if (asked.dns) {
    // The addresses of every name are the lines of that file.
    dns.lookup = async () => fs.readFileSync(asked.dns, 'utf8').split('\n').filter(Boolean)
      .map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  }

  const engine = new EngineClient({
    addresses: asked.addresses, useDns: asked.useDns ?? asked.dns !== undefined, dnsRefresh: 1000,
    key: asked.key ?? '', authority: asked.authority ?? '', hedgeAfter: asked.hedgeMilliseconds,
    refuseOlder: asked.refuseOlder,
  });
  if (asked.do === 'close') {
    const asking = recommend(engine, asked.users[0], asked);
    setTimeout(() => engine.close(), asked.afterMilliseconds);
    console.log(await asking);
    return;
  }

  if (asked.do === 'refused streams') {
    for (let call = 0; call < asked.rounds; call++) {
      const stream = engine.recommender.batchRecommend();
      stream.on('data', () => {});
      stream.write({ workspace: 'none' });
      console.log(await new Promise((ended) => { stream.on('error', (error) => ended(status[error.code])); }));
    }
  } else if (asked.do === 'early and late') {
    // The first user's answer comes when the second user asks again.
    const first = snapshotOf(engine, asked.users[0]);
    const second = await snapshotOf(engine, asked.users[1]);
    const third = await snapshotOf(engine, asked.users[1]);
    console.log(`${await first}\n${second}\n${third}`);
  } else if (asked.do === 'streams') {
    for (let call = 0; call < asked.rounds; call++) {
      const stream = engine.recommender.batchRecommend();
      stream.write({ userIds: [asked.users[0]] });
      console.log(await new Promise((ended) => {
        stream.on('data', (reply) => ended(reply.rows.length));
        stream.on('error', (error) => ended(status[error.code]));
      }));
      stream.end();
      await sleep(100);
    }
  } else if (asked.do === 'stream') {
    for await (const reply of engine.recommender.rankUsers({ productId: asked.product, topK: asked.top })) {
      reply.users.forEach((user) => console.log(user.userId));
    }
  } else if (asked.do === 'saves') {
    for (let round = 0; round < asked.rounds; round++) {
      console.log(await engine.catalog.savePool({ workspace: asked.workspace, name: 'one', rule: "product_id = 'P1'" })
        .then(() => 'OK', (error) => status[error.code]));
    }

    console.log(await recommend(engine, asked.users[0], asked));
  } else if (asked.do === 'event') {
    const reply = await engine.events.put({
      events: [{ userId: asked.users[0], productId: asked.product, time: asked.time, type: 'EVENT_TYPE_PURCHASE' }],
    });
    console.log(reply.acceptedCount, reply.refused.length);
  } else {
    const input = readline.createInterface({ input: process.stdin });
    const lines = input[Symbol.asyncIterator]();
    for (let round = 0; round < (asked.rounds ?? 1); round++) {
      for (const user of asked.users) {
        console.log(`${user}\t${await recommend(engine, user, asked)}`);
      }

      if (asked.pauses) {
        console.log('paused');
        if ((await lines.next()).done) {
          break;
        }
      }
    }

    input.close();
  }

  engine.close();
}

async function snapshotOf(engine, user) {
  try {
    return (await engine.recommender.recommend({ userId: user })).snapshotId;
  } catch (error) {
    return status[error.code] ?? String(error);
  }
}

// DNS is asked again, however long its last answer takes.
async function askAgain() {
  let calls = 0;
  dns.lookup = async () => {
    calls++;
    await sleep(500);
    return [];
  };
  const addresses = new Addresses('engines.test', '1', 60_000, () => {});
  addresses.start();
  await sleep(200);
  addresses.askAgain();
  await sleep(3000);
  addresses.close();
  console.log(calls);
}

// The products; with a snapshot, which one answers, and which one answers when that one is asked for.
async function recommend(engine, user, { workspace, snapshot, timeoutSeconds }) {
  try {
    const timeout = timeoutSeconds === undefined ? undefined : 1000 * timeoutSeconds;
    const reply = await engine.recommender.recommend({ workspace, userId: user, topK: 3 }, { timeout });
    if (snapshot) {
      const named = await engine.recommender.recommend({ userId: user, snapshotId: snapshot, topK: 3 });
      return `${reply.snapshotId} ${named.snapshotId}`;
    }

    return reply.products.map((product) => product.productId).join(' ');
  } catch (error) {
    return status[error.code] ?? String(error);
  }
}

main(JSON.parse(process.argv[2]));
