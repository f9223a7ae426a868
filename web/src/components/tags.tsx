// Tags, each leading to the list of what carries it.
import type { JSX } from "preact";
import { href } from "../router";

export function Tags({ tags }: { tags: string[] }): JSX.Element {
  return (
    <ul class="line tags">
      {tags.map((tag) => (
        <li key={tag}>
          <a class="tag" href={href(["todo"], { tag })}>
            <bdi>{tag}</bdi>
          </a>
        </li>
      ))}
    </ul>
  );
}
