/** Lists of the API, which come in pages. */

interface Page<Item> {
  items: Item[];
  next?: string | null;
}

interface Paging {
  limit: number;
  cursor?: string;
}

/** The items of every page of a list, read one after the other. */
export async function allPages<Item>(
  read: (query: Paging) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await read({ limit: 200, ...(cursor ? { cursor } : {}) });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}
