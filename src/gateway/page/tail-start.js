/** What a newcomer to a topic is shown before anything new comes. */
const RECENT_RECORDS = 100;

/** The start point of each choice in the list `tail-from`. */
export function startOf(choice) {
  return choice === 'recent' ? { last: RECENT_RECORDS } : choice;
}
