// What an editor that knows JSON Schema makes of scenarios/scenario.schema.json: which words it offers
// where the cursor stands, what it says of a word under the mouse, and which mistakes it finds. Run by
// tests/editor.sh, with the folder of the packages as argument.
'use strict';
const fs = require('fs');
const path = require('path');
const load = name => require(path.resolve(process.argv[2], name));
const { getLanguageService, TextDocument } = load('vscode-json-languageservice');

const service = getLanguageService({});
service.configure({
  allowComments: false,
  schemas: ['scenario', 'shared'].map(name => ({
    uri: `file:///${name}.schema.json`,
    fileMatch: [`*.${name}.json`],
    schema: JSON.parse(fs.readFileSync(`scenarios/${name}.schema.json`, 'utf8')),
  })),
});

let checks = 0;
let broken = 0;
function expect(holds, problem) {
  checks++;
  if (holds) return;
  broken++;
  console.log(problem);
}

function open(text) {
  const document = TextDocument.create('file:///x.scenario.json', 'json', 1, text);
  return { document, tree: service.parseJSONDocument(document) };
}

// A scenario in which PART stands where the part of that name belongs. The cursor is at "@".
const parts = {
  rules: '["FIRE-1"]',
  given: '{ "acme": { "balance": 5 } }',
  steps: '[ { "submit": "x", "to": "acme", "cost": 10 } ]',
  faults: '{}',
  outcome: '{ "ana": "done" }',
};
function scenario(changes) {
  const p = { ...parts, ...changes };
  return `{ "title": "T", "rules": ${p.rules}, "given": ${p.given}, "when": { "ana": ${p.steps} },
    "faults": ${p.faults}, "then": { "outcomes": { "it": ${p.outcome} } } }`;
}

async function offers(changes) {
  const text = scenario(changes);
  const at = text.indexOf('@');
  const { document, tree } = open(text.replace('@', ''));
  const list = await service.doComplete(document, document.positionAt(at), tree);
  return list.items;
}
const bare = label => label.replace(/^"|"$/g, '');
const labels = items => items.map(item => bare(item.label)).sort();
function same(found, wanted, where) {
  const [left, right] = [found, [...wanted].sort()].map(list => JSON.stringify(list));
  expect(left === right, `${where}: offered are ${left}, not ${right}`);
}
const said = value => (typeof value === 'string' ? value : value ? value.value : '');

async function hover(changes) {
  const text = scenario(changes);
  const at = text.indexOf('@');
  const { document, tree } = open(text.replace('@', ''));
  const shown = await service.doHover(document, document.positionAt(at), tree);
  return shown ? [].concat(shown.contents).map(said).join('\n') : '';
}
async function says(changes, wanted) {
  const shown = await hover(changes);
  expect(shown.includes(wanted), `hovering ${JSON.stringify(changes)}: not "${wanted}" but: ${shown}`);
}

async function mistakes(text) {
  const { document, tree } = open(text);
  return (await service.doValidation(document, tree)).map(found => found.message);
}
async function one_mistake(changes, wanted) {
  const found = await mistakes(scenario(changes));
  expect(found.length === 1 && found[0].includes(wanted),
    `${JSON.stringify(changes)}: not one mistake that says ${wanted}, but ${JSON.stringify(found)}`);
}

async function check_offers() {
  const answers = labels(await offers({ outcome: '{ "ana": "@" }' }));
  for (const word of ['done', 'insufficient tokens', 'not covered: 3D Secure', 'already disabled',
    'error: busy', 'no answer']) {
    expect(answers.includes(word), `the answer "${word}" is not offered, but ${answers}`);
  }
  const listed = labels(await offers({ outcome: '{ "ana": [ "done", "@" ] }' }));
  expect(listed.includes('already enabled'), `in a list of answers are offered: ${listed}`);

  const catalogue = JSON.parse(fs.readFileSync('scenarios/rules.json', 'utf8')).rules;
  const rules = await offers({ rules: '[ "@" ]' });
  same(labels(rules), catalogue.map(rule => rule.id), 'rules');
  for (const rule of catalogue) {
    const item = rules.find(found => bare(found.label) === rule.id);
    expect(item && said(item.documentation).includes(rule.text), `${rule.id} is offered without text`);
  }

  same(labels(await offers({ steps: '[ { "submit": "x", "@" } ]' })),
    ['to', 'cost', 'kind', 'on', 'after'], 'in a submit');
  same(labels(await offers({ steps: '[ { "buy_pack": "acme", "tokens": 5, "@" } ]' })),
    ['price', 'card', 'id', 'on', 'after'], 'in a buy_pack');
  same(labels(await offers({ steps: '[ { "crash": "web", "@" } ]' })), ['after'], 'in a crash');
  const verbs = labels(await offers({ steps: '[ { "@" } ]' }));
  expect(verbs.includes('submit') && verbs.includes('power_cut') && !verbs.includes('cost') &&
    !verbs.includes('on') && verbs.length > 20, `in an empty step are offered: ${verbs}`);

  same(labels(await offers({ steps: '[ { "submit": "x", "to": "acme", "cost": 1, "kind": "@" } ]' })),
    ['creative', 'persona batch'], 'a kind');
  same(labels(await offers({ given: '{ "acme": { "plan": "@" } }' })),
    ['none', 'active', 'trialing', 'past due', 'canceled'], 'a plan');
  same(labels(await offers({ given: '{ "acme": { "auto_reload": "@" } }' })), ['on', 'off'], 'a toggle');
  const cards = labels(await offers({ given: '{ "acme": { "card": "@" } }' }));
  expect(cards.includes('none') && cards.includes('pm_card_radarBlock'), `cards: ${cards}`);
  const confirm = labels(await offers({ faults: '{ "gateway.confirm": [ "@" ] }' }));
  for (const word of ['timeout after', 'declined lost_card', '3D Secure', 'slow 45 s']) {
    expect(confirm.includes(word), `gateway.confirm does not offer "${word}" but ${confirm}`);
  }
  const mail = labels(await offers({ faults: '{ "mail.deliver": { "first": "@" } }' }));
  same(mail, ['refused', 'reply lost', 'lost'], 'mail.deliver');
  same(labels(await offers({ outcome: '{ "ana": "done", "@" }' })), ['log', 'bank', 'mail', 'balance'],
    'in an outcome');
}

async function check_hovers() {
  await says({ given: '{ "acme": { "card": "pm_card_@radarBlock" } }' }, 'Blocked as fraud');
  await says({ faults: '{ "gateway.confirm": [ "timeout@ after" ] }' }, 'the reply was lost');
  await says({ faults: '{ "gateway.cancel": { "always": "not@ reached" } }' }, 'No connection');
  await says({ faults: '{ "gateway.confirm": [ "declined@ lost_card" ] }' }, 'The bank declines it');
  await says({ faults: '{ "mail.deliver": [ "reply@ lost" ] }' }, 'Accepted');
  await says({ steps: '[ { "turn_@off": "acme" } ]', outcome: '{}' }, 'Turn Auto Reload off');
  await says({ outcome: '{ "ana": "not covered:@ no card" }' }, 'no card on file');
  await says({ rules: '[ "FIRE@-1" ]' }, 'Exactly enough is enough');
}

async function check_mistakes() {
  expect((await mistakes(scenario({}))).length === 0, 'the plain scenario has mistakes');
  await one_mistake({ steps: '[ { "turnoff": "acme" } ]' }, 'turn_off');
  await one_mistake({ steps: '[ { "turnOff": "acme", "on": "web-2" } ]' }, 'turn_off');
  await one_mistake({ steps: '[ { "disable": "acme" } ]' }, '"turn_off"');
  await one_mistake({ steps: '[ { "pay": "acme", "tokens": 5 } ]' }, '"buy_pack"');
  await one_mistake({ steps: '[ { "frobnicate": "acme" } ]' }, '"turn_off"');
  await one_mistake({ steps: '[ { "to": "acme" } ]' }, 'has no verb');
  await one_mistake({ steps: '[ {} ]' }, 'has no verb');
  await one_mistake({ steps: '[ { "submit": "x", "to": "acme" } ]' }, '"cost"');
  await one_mistake({ steps: '[ { "submit": "x", "to": "acme", "cost": 1, "price": 2 } ]' }, 'price');
  await one_mistake({ given: '{ "acme": { "plan": "activ" } }' }, '"active"');
  await one_mistake({ given: '{ "acme": { "auto_reload": true } }' }, '"on"');
  await one_mistake({ outcome: '{ "ana": "don" }' }, '"done"');
  await one_mistake({ rules: '[ "FIRE-99" ]' }, '"FIRE-1"');
  await one_mistake({ faults: '{ "gateway.confirm": [ "time out" ] }' }, '"timeout before"');
  for (const file of process.argv.slice(3)) { // its "$schema" would be looked for elsewhere
    const text = fs.readFileSync(file, 'utf8').replace(/^\ufeff/, '').replace(/"\$schema": *"[^"]*",/, '');
    const found = await mistakes(text);
    expect(found.length === 0, `${file}: ${found}`);
  }
}

(async () => {
  await check_offers();
  await check_hovers();
  await check_mistakes();
  console.log(`${checks} checks, ${broken} failed`);
  process.exit(broken === 0 && checks > 80 ? 0 : 1);
})();
