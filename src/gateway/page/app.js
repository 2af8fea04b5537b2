/** The page of the gateway. It speaks the gateway's own protocol. */
import { connect } from '/page/client.js';
import { readGroupLags } from './group-lags.js';
import { HeldView } from './held-view.js';
import { LinePlot } from './line-plot.js';
import { Login } from './login.js';
import { ProduceForm } from './produce-form.js';
import { TailView } from './tail-view.js';
import { TopicsView } from './topics-view.js';
import { countsText, readTransactions } from './transaction-counts.js';

const TOPICS_MS = 1000;
const LAGS_MS = 2000;
/** `GET /cluster` of a broker that decides alone. */
const NO_CONTENT = 204;
/** Answered by what is not to run again. */
const DONE = Symbol();

const login = new Login();
const ticket = () => login.ticket();
const control = connect('/ws', { ticket, onState: showState });
const records = connect('/ws', { ticket, format: 'batch' });
const tail = new TailView(records);
const topics = new TopicsView((topic) => choose(topic));
const rates = new LinePlot('rates');
const lags = new LinePlot('lags');
const held = new HeldView();
const form = new ProduceForm(control);

function showState(state) {
  // The broker has ended it for good: the user is gone, or its token is over.
  if (state === 'closed' && login.isByForm) location.reload();
  const shown = document.getElementById('state');
  shown.textContent = state === 'open' ? 'connected' : state === 'lost' ? 'reconnecting' : state;
  shown.className = `state ${state === 'open' ? 'open' : 'lost'}`;
}

function choose(topic) {
  location.hash = encodeURIComponent(topic);
  topics.choose(topic);
  form.choose(topic);
  tail.follow(topic);
}

/**
 * Runs it from the login on until it is done, each time `everyMs` after the last run. Failures go
 * to the console.
 */
async function repeat(everyMs, run) {
  await login.entered;
  for (;;) {
    try {
      if ((await run()) === DONE) return;
    } catch (error) {
      console.warn(error);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

repeat(TOPICS_MS, async () => {
  const startMs = performance.now();
  const rows = await control.topics();
  const roundTripMs = performance.now() - startMs;
  const seconds = Date.now() / 1000;
  topics.update(rows, seconds);
  form.update(rows);
  rates.add(seconds, topics.rates());
  document.getElementById('figures').textContent =
    `${topics.totalRate()} records/s · answers in ${roundTripMs.toFixed(1)} ms`;
});

repeat(LAGS_MS, async () => {
  const figures = await readGroupLags(login);
  document.getElementById('no-groups').hidden = figures.size > 0;
  if (figures.size > 0) lags.add(Date.now() / 1000, figures);
});

repeat(LAGS_MS, async () => {
  const transactions = await readTransactions(login);
  if (transactions === null) return DONE;
  document.getElementById('transactions').textContent = countsText(transactions.states);
  held.update(transactions.held, Date.now());
});

let cluster = null;
repeat(LAGS_MS, async () => {
  const response = await login.fetch('/cluster');
  if (response.status === NO_CONTENT || response.status === 403) return DONE;
  if (!response.ok) throw new Error(`/cluster: ${response.status}`);
  const state = await response.json();
  cluster ??= new (await import('./cluster-view.js')).ClusterView();
  cluster.update(state);
});

const wanted = decodeURIComponent(location.hash.slice(1));
if (wanted !== '') choose(wanted);
