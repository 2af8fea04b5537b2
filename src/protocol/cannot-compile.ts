/** Pages with a Content-Security-Policy refuse code that is made of text. */
export const compileSource: ((source: string, runtime: object) => unknown) | null = null;
