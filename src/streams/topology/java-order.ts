/**
 * Orders of Java's collections. The text of Kafka's topology description depends on them: sets are
 * printed as HashSet iterates, and successors are kept in a TreeSet whose order changes under it.
 */

const FIRST_TABLE = 16;
const LOAD = 0.75;

/** Java's String.hashCode. */
function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** As HashMap does. */
function spread(hash: number): number {
  return hash ^ (hash >>> 16);
}

function spreadHash(text: string): number {
  return spread(hashOf(text));
}

/** The order in which a HashSet filled with `names` iterates. */
export function hashOrder(names: Iterable<string>): string[] {
  const distinct = [...new Set(names)];
  let table = FIRST_TABLE;
  while (distinct.length > table * LOAD) table *= 2;
  const bucketOf = (name: string) => spreadHash(name) & (table - 1);
  return distinct.sort((a, b) => bucketOf(a) - bucketOf(b));
}

/** The order in which a HashSet of sets of names iterates that was made of so many elements. */
export function hashOrderOfSets(sets: Iterable<readonly string[]>, elements: number): string[][] {
  const capacity = Math.max(Math.floor(elements / LOAD) + 1, FIRST_TABLE);
  let table = FIRST_TABLE;
  while (table < capacity) table *= 2;
  const bucketOf = (names: readonly string[]) => {
    const sum = names.reduce((hash, name) => (hash + hashOf(name)) | 0, 0);
    return spread(sum) & (table - 1);
  };
  return Array.from(sets, (names) => [...names]).sort((a, b) => bucketOf(a) - bucketOf(b));
}

interface TreeNode<T> {
  readonly item: T;
  left: TreeNode<T> | undefined;
  right: TreeNode<T> | undefined;
  parent: TreeNode<T> | undefined;
  isRed: boolean;
}

/**
 * Java's TreeSet as far as adding and iterating go. Where the comparison's outcome changes after
 * items were added, an item's position depends on how the tree was balanced, so this is the same
 * red-black tree.
 */
export class JavaTreeSet<T> {
  readonly #compare: (a: T, b: T) => number;
  #root: TreeNode<T> | undefined;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  add(item: T): void {
    let parent: TreeNode<T> | undefined;
    let order = 0;
    for (let at = this.#root; at !== undefined; at = order < 0 ? at.left : at.right) {
      order = this.#compare(item, at.item);
      if (order === 0) return;
      parent = at;
    }
    const added: TreeNode<T> = { item, left: undefined, right: undefined, parent, isRed: true };
    if (parent === undefined) this.#root = added;
    else if (order < 0) parent.left = added;
    else parent.right = added;
    this.#balance(added);
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    yield* inOrder(this.#root);
  }

  /** Restores the rules of a red-black tree, as in Cormen et al. */
  #balance(added: TreeNode<T>): void {
    let at = added;
    while (at.parent?.isRed === true) {
      const parent = at.parent;
      const grandparent = parent.parent as TreeNode<T>;
      const isLeft = parent === grandparent.left;
      const uncle = isLeft ? grandparent.right : grandparent.left;
      if (uncle?.isRed === true) {
        parent.isRed = false;
        uncle.isRed = false;
        grandparent.isRed = true;
        at = grandparent;
        continue;
      }
      if (at === (isLeft ? parent.right : parent.left)) {
        at = parent;
        this.#rotate(at, isLeft);
      }
      const above = at.parent as TreeNode<T>;
      above.isRed = false;
      grandparent.isRed = true;
      this.#rotate(grandparent, !isLeft);
    }
    (this.#root as TreeNode<T>).isRed = false;
  }

  /** Turns `node` and its child on the other side, to the left or to the right. */
  #rotate(node: TreeNode<T>, toLeft: boolean): void {
    const child = (toLeft ? node.right : node.left) as TreeNode<T>;
    const inner = toLeft ? child.left : child.right;
    if (toLeft) {
      node.right = inner;
      child.left = node;
    } else {
      node.left = inner;
      child.right = node;
    }
    if (inner !== undefined) inner.parent = node;
    child.parent = node.parent;
    if (node.parent === undefined) this.#root = child;
    else if (node.parent.left === node) node.parent.left = child;
    else node.parent.right = child;
    node.parent = child;
  }
}

function* inOrder<T>(node: TreeNode<T> | undefined): Generator<T, void, undefined> {
  if (node === undefined) return;
  yield* inOrder(node.left);
  yield node.item;
  yield* inOrder(node.right);
}
