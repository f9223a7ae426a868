// A menu of things to do or to choose from, walked with the arrows.
import { Fragment, type ComponentChildren, type JSX } from "preact";
import { Icon, type IconName } from "./icon";
import { Popover } from "./popover";

export interface MenuItem {
  name: string;
  /** Does it, or leads there. */
  act?: () => void;
  href?: string;
  icon?: IconName;
  /** One of several that exclude each other. */
  checked?: boolean;
  /** Begins a group with this heading; empty for a line only. */
  group?: string;
  /** The shortcut that does the same. */
  keys?: string;
}

interface MenuProps {
  button: ComponentChildren;
  label?: string;
  look?: string;
  /** Something to read above the items. */
  head?: ComponentChildren;
  items: readonly MenuItem[];
}

function move(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLElement;
  const items = [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  const to = steps[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items[(to + items.length) % items.length]?.focus();
}

export function Menu({ button, label, look, head, items }: MenuProps): JSX.Element {
  return (
    <Popover button={button} kind="menu" {...(label !== undefined && { label })} {...(look !== undefined && { look })}>
      {(close) => (
        <>
          {head}
          <div role="menu" aria-label={label} class="menu" onKeyDown={move}>
            {items.map((item) => (
              <Fragment key={`${item.group} ${item.name}`}>
                {item.group !== undefined && (item.group === "" ? <hr /> : <p class="menu-group">{item.group}</p>)}
                <Item item={item} close={close} />
              </Fragment>
            ))}
          </div>
        </>
      )}
    </Popover>
  );
}

function Item({ item, close }: { item: MenuItem; close: () => void }): JSX.Element {
  const content = (
    <>
      {item.checked !== undefined ? (
        <span class="menu-check">{item.checked && <Icon name="check" />}</span>
      ) : (
        item.icon && <Icon name={item.icon} />
      )}
      <span>{item.name}</span>
      {item.keys !== undefined && <kbd>{item.keys}</kbd>}
    </>
  );
  const act = (): void => {
    close();
    item.act?.();
  };
  const shared = { class: "menu-item", tabIndex: -1, onClick: act };
  if (item.href !== undefined) {
    return (
      <a role="menuitem" href={item.href} {...shared}>
        {content}
      </a>
    );
  }
  return item.checked === undefined ? (
    <button type="button" role="menuitem" {...shared}>
      {content}
    </button>
  ) : (
    <button type="button" role="menuitemradio" aria-checked={item.checked} {...shared}>
      {content}
    </button>
  );
}
