/** Those of the scenarios that `--only` names, in its order. */
export function namedScenarios<S extends { readonly name: string }>(
  all: readonly S[],
  only: string,
): readonly S[] {
  return only.split(',').map((name) => {
    const found = all.find((scenario) => scenario.name === name);
    if (found === undefined) throw new Error(`no scenario "${name}"; --list shows all`);
    return found;
  });
}
