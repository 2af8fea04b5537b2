/**
 * Finds promises that nobody answers for, by the types that the compiler itself sees: a rejection of
 * such a promise ends the process.
 */
import { relative, resolve } from 'node:path';
import {
  type BinaryExpression,
  type CallExpression,
  type Expression,
  type ExpressionStatement,
  type Node,
  type SourceFile,
  SyntaxKind,
  type VoidExpression,
} from 'typescript/unstable/ast';
import { API, type Checker } from 'typescript/unstable/sync';

/** The one function that may take a promise and let it go. */
const TAKER = 'inBackground';
const PROMISE = /^Promise(Like)?</;
const RETURNS_PROMISE = /=> Promise</;
const RETURNS_NOTHING = /=> void\)?$|=> void\) \||VoidFunction/;

export function droppedPromises(configPath: string): string[] {
  const source = resolve(configPath, '..', 'src');
  const api = new API({ cwd: resolve(configPath, '..') });
  try {
    const project = api.updateSnapshot({ openProject: configPath }).getProject(configPath);
    if (project === undefined) throw new Error(`${configPath} is no project`);
    const { program, checker } = project;
    return program.getSourceFileNames().flatMap((path) => {
      if (!path.startsWith(source)) return [];
      const file = program.getSourceFile(path);
      if (file === undefined) throw new Error(`${path} cannot be read`);
      return foundIn(file, checker).map((found) => `${relative(source, path)}:${found}`);
    });
  } finally {
    api.close();
  }
}

function foundIn(file: SourceFile, checker: Checker): string[] {
  const dropped: Expression[] = [];
  const callbacks: Expression[] = [];
  const visit = (node: Node): void => {
    const expression = droppedBy(node);
    if (expression !== null && !isTaken(expression)) dropped.push(expression);
    if (node.kind === SyntaxKind.ArrowFunction || node.kind === SyntaxKind.FunctionExpression) {
      callbacks.push(node as Expression);
    }
    node.forEachChild(visit);
  };
  file.forEachChild(visit);
  const types = dropped.length === 0 ? [] : checker.getTypeAtLocation(dropped);
  const loose = dropped.filter((_, i) => {
    const type = types[i];
    return (
      type !== undefined &&
      checker
        .typeToString(type)
        .split(' | ')
        .some((each) => PROMISE.test(each))
    );
  });
  const misplaced = callbacks.filter((callback) => isAwaitedByNobody(callback, checker));
  return [
    ...loose.map((node) => `${placeOf(file, node)} drops a promise: hand it to ${TAKER}`),
    ...misplaced.map((node) => `${placeOf(file, node)} is async where nobody awaits it`),
  ];
}

/** What a statement leaves behind: its value, what `void` hides, a chain put back in its field. */
function droppedBy(node: Node): Expression | null {
  if (node.kind === SyntaxKind.VoidExpression) return (node as VoidExpression).expression;
  if (node.kind !== SyntaxKind.ExpressionStatement) return null;
  const { expression } = node as ExpressionStatement;
  if (expression.kind === SyntaxKind.BinaryExpression) {
    const { operatorToken, right } = expression as BinaryExpression;
    const isKept = operatorToken.kind === SyntaxKind.EqualsToken;
    return isKept && /\.(then|finally)\(/.test(right.getText()) ? right : null;
  }
  return expression;
}

function isTaken(expression: Expression): boolean {
  if (expression.kind !== SyntaxKind.CallExpression) return false;
  return (expression as CallExpression).expression.getText() === TAKER;
}

/** An async function where one that returns nothing is wanted: a timer's, a listener's. */
function isAwaitedByNobody(callback: Expression, checker: Checker): boolean {
  const own = checker.getTypeAtLocation(callback);
  if (own === undefined || !RETURNS_PROMISE.test(checker.typeToString(own))) return false;
  const wanted = checker.getContextualType(callback);
  return wanted !== undefined && RETURNS_NOTHING.test(checker.typeToString(wanted));
}

function placeOf(file: SourceFile, node: Node): string {
  const line = file.text.slice(0, node.getStart()).split('\n').length;
  return `${line}: ${node.getText().split('\n', 1)[0]}`;
}
