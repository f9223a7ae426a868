// A part of the page that is loaded, with its style, when it is first shown.
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failure } from "../../components/failure";
import { loadStyle, NewVersion } from "../../lazy";

/** `meanwhile` keeps its place. */
export function lazyPart<P extends object>(
  load: () => Promise<ComponentType<P>>,
  meanwhile: JSX.Element | null = null,
): ComponentType<P> {
  let Loaded: ComponentType<P> | null = null;
  return function LazyPart(props: P): JSX.Element | null {
    const [failed, setFailed] = useState(false);
    const [, redraw] = useState(0);
    useEffect(() => {
      if (Loaded !== null) return;
      Promise.all([load(), loadStyle("records-more")]).then(
        ([component]) => {
          Loaded = component;
          redraw((n) => n + 1);
        },
        () => setFailed(true),
      );
    }, []);
    if (Loaded !== null) return <Loaded {...props} />;
    return failed ? <Failure error={new NewVersion()} retry={() => location.reload()} /> : meanwhile;
  };
}
