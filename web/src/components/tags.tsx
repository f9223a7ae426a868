// Tags, each leading to the list of what carries it.
import type { JSX } from "preact";
import { emptyFilter, listHref } from "../filter";

export function Tags({ tags }: { tags: string[] }): JSX.Element {
  return (
    <ul class="tags">
      {tags.map((tag) => (
        <li key={tag}>
          <a class="tag" href={listHref({ ...emptyFilter, tag })}>
            <bdi>{tag}</bdi>
          </a>
        </li>
      ))}
    </ul>
  );
}
