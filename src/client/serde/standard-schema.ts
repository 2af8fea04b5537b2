/** What is used of Standard Schema 1 (https://standardschema.dev): any library that has it fits. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema takes, on the side that produces. */
export type SchemaInput<Schema> =
  Schema extends StandardSchema<infer Input, infer _Output> ? Input : never;

/** What a schema gives, on the side that consumes. */
export type SchemaOutput<Schema> =
  Schema extends StandardSchema<infer _Input, infer Output> ? Output : never;

/** `items[0].price: must be positive; …` */
export function issuesText(issues: readonly StandardIssue[]): string {
  return issues.map((issue) => pathText(issue) + issue.message).join('; ');
}

function pathText({ path = [] }: StandardIssue): string {
  let text = '';
  for (const step of path) {
    const key = typeof step === 'object' ? step.key : step;
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? String(key) : `.${String(key)}`;
  }
  return text === '' ? '' : `${text}: `;
}
