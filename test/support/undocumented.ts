/**
 * Names what a reader of the package meets without a word about it. A comment of their own need each
 * exported name, each public member of a class that can be reached from one, each method of an
 * exported interface, and each property of exported options. Other properties stand under the comment
 * of their interface, because their names and types say what they hold.
 */
import { relative, resolve } from 'node:path';
import {
  API,
  type Checker,
  type Symbol as Named,
  type Project,
  SymbolFlags,
} from 'typescript/unstable/sync';

const OPTIONS = /Options$/;
/** Private names, and what each class has of JavaScript. */
const HIDDEN = /#|^prototype$|^__/;
const VALUE = SymbolFlags.Method | SymbolFlags.Accessor | SymbolFlags.Property;

export function undocumented(configPath: string, entries: readonly string[]): string[] {
  const root = resolve(configPath, '..');
  const api = new API({ cwd: root });
  try {
    const project = api.updateSnapshot({ openProject: configPath }).getProject(configPath);
    if (project === undefined) throw new Error(`${configPath} is no project`);
    const walk = new Walk(project, root);
    for (const entry of entries) walk.addExports(entry);
    return walk.missing();
  } finally {
    api.close();
  }
}

class Walk {
  readonly #project: Project;
  readonly #root: string;
  readonly #checker: Checker;
  readonly #reached = new Map<number, Named>();

  constructor(project: Project, root: string) {
    this.#project = project;
    this.#root = root;
    this.#checker = project.checker;
  }

  addExports(entry: string): void {
    const file = this.#project.program.getSourceFile(resolve(this.#root, entry));
    const module = file === undefined ? undefined : this.#checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error(`${entry} exports nothing`);
    for (const exported of this.#checker.getExportsOfModule(module)) {
      const isAlias = (exported.flags & SymbolFlags.Alias) !== 0;
      this.#reach(isAlias ? this.#checker.getAliasedSymbol(exported) : exported);
    }
  }

  /** A class leads on to the classes of its members, as an admin client does to its parts. */
  #reach(named: Named): void {
    if (this.#reached.has(named.id)) return;
    this.#reached.set(named.id, named);
    if ((named.flags & SymbolFlags.Class) === 0) return;
    for (const member of membersOf(named)) {
      const type = this.#checker.getTypeOfSymbol(member)?.getSymbol();
      const isClass = type !== undefined && (type.flags & SymbolFlags.Class) !== 0;
      if (isClass && this.#pathOf(type).startsWith('src/')) this.#reach(type);
    }
  }

  missing(): string[] {
    const found: string[] = [];
    for (const named of this.#reached.values()) {
      const path = this.#pathOf(named);
      if (!this.#isDocumented(named)) found.push(`${path}: ${named.name}`);
      for (const member of this.#membersToDocument(named)) {
        if (!this.#isDocumented(member)) found.push(`${path}: ${named.name}.${member.name}`);
      }
    }
    return [...new Set(found)].sort();
  }

  #membersToDocument(named: Named): Named[] {
    if ((named.flags & SymbolFlags.Class) !== 0) return membersOf(named);
    const isInterface = (named.flags & SymbolFlags.Interface) !== 0;
    const isOptions = OPTIONS.test(named.name) && (named.flags & SymbolFlags.Type) !== 0;
    if (!isInterface && !isOptions) return [];
    const type = this.#checker.getDeclaredTypeOfSymbol(named);
    const properties = this.#checker.getPropertiesOfType(type).filter((each) => {
      return each.declarations.length > 0 && this.#pathOf(each).startsWith('src/');
    });
    return properties.filter((each) => isOptions || (each.flags & SymbolFlags.Method) !== 0);
  }

  #isDocumented(named: Named): boolean {
    return this.#checker.getDocumentationCommentOfSymbol(named).trim() !== '';
  }

  #pathOf(named: Named): string {
    const path = named.declarations[0]?.path;
    return path === undefined ? '' : relative(this.#root, path);
  }
}

function membersOf(named: Named): Named[] {
  const all = [...named.getMembers().values(), ...named.getExports().values()];
  return all.filter((each) => (each.flags & VALUE) !== 0 && !HIDDEN.test(each.name));
}
