/** The transactional ids by state, and which transaction each partition waits for. */
export async function readTransactions() {
  const response = await fetch('/transactions');
  if (!response.ok) throw new Error(`/transactions: ${response.status}`);
  return response.json();
}

/** 2 Ongoing, 5 CompleteCommit; empty where there is no transactional id. */
export function countsText(states) {
  const counts = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  return counts.length === 0 ? '' : `transactions: ${counts.join(', ')}`;
}
