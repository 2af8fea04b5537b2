/**
 * The transactional ids by state, and which transaction each partition waits for. Null where the
 * user may not see them.
 */
export async function readTransactions(login) {
  const response = await login.fetch('/transactions');
  if (response.status === 403) return null;
  if (!response.ok) throw new Error(`/transactions: ${response.status}`);
  return response.json();
}

/** 2 Ongoing, 5 CompleteCommit; empty where there is no transactional id. */
export function countsText(states) {
  const counts = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  return counts.length === 0 ? '' : `transactions: ${counts.join(', ')}`;
}
