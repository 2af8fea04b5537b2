const SECOND_MS = 1000;

/** The table of partitions whose readers wait for a transaction. It shows only where there are any. */
export class HeldView {
  #panel = document.getElementById('held-panel');
  #body = document.getElementById('held');

  update(held, nowMs) {
    this.#panel.hidden = held.length === 0;
    this.#body.replaceChildren(...held.map((each) => rowOf(each, nowMs)));
  }
}

function rowOf({ topic, partition, sinceMs, producerId, writer }, nowMs) {
  const row = document.createElement('tr');
  const age = sinceMs === null ? '' : `${Math.round((nowMs - sinceMs) / SECOND_MS)} s`;
  const { transactionalId = '', clientId = '', address = '' } = writer ?? {};
  const texts = [`${topic}-${partition}`, age, transactionalId, producerId, clientId, address];
  for (const text of texts) row.insertCell().textContent = text;
  return row;
}
