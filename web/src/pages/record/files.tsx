// The files of a record: added by dropping, pasting or choosing them, looked at here if they are
// pictures, saved otherwise.
import type { JSX } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../../announce";
import { attachmentHref, deleteAttachment, type Attachment } from "../../api/record";
import { Failure } from "../../components/failure";
import { Icon } from "../../components/icon";
import { Moment } from "../../components/when";
import { locale } from "../../language";
import { useSaving } from "../../saving";
import { useStore } from "../../store";
import { s } from "../../strings/record";
import { s as shared } from "../../strings/shared";
import { dropUpload, retryUpload, upload, uploads, type Upload } from "../../upload";
import { regret } from "./comment";
import { OnRecord } from "./context";
import { Delete } from "./delete";
import { Fault } from "./foot";
import { By } from "./value";

const pictures = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export function formatSize(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte"] as const;
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < 2) {
    value /= 1000;
    unit += 1;
  }
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: units[unit]!,
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  }).format(value);
}

function File({ file, look }: { file: Attachment; look: () => void }): JSX.Element {
  const { task, account, may, refresh } = useContext(OnRecord);
  const [broken, setBroken] = useState(false);
  const saving = useSaving();
  const href = attachmentHref(task.key, file.id);
  const picture = pictures.includes(file.type) && !broken;
  const mine = file.author === account.email && may.write && Date.now() - Date.parse(file.createdAt) < regret;
  return (
    <li class="line">
      {picture ? (
        <button type="button" class="file-picture" aria-label={s.files.look(file.name)} onClick={look}>
          {/* What only says that it is a picture comes as bytes for saving, and is shown as a file. */}
          <img src={href} alt="" loading="lazy" onError={() => setBroken(true)} />
        </button>
      ) : (
        <span class="file-picture">
          <Icon name="file" />
        </span>
      )}
      <div class="file-words">
        <a href={href} download={file.name}>
          <bdi>{file.name}</bdi>
        </a>
        <p class="hint">
          {formatSize(file.size)} · <By email={file.author} />, <Moment at={file.createdAt} />
        </p>
        <p class="hint file-hash">
          SHA-256 <code>{file.sha256}</code>
        </p>
        <Fault saving={saving} />
      </div>
      {(mine || may.manage) && (
        <Delete
          saving={saving}
          label={s.files.delete(file.name)}
          look="button icon-only"
          act={async () => {
            await deleteAttachment(task.key, file.id);
            announce(s.files.deleted(file.name));
            refresh();
          }}
        >
          <Icon name="close" />
        </Delete>
      )}
    </li>
  );
}

function Sending({ one }: { one: Upload }): JSX.Element {
  return (
    <li class="line sending">
      <span class="file-picture">
        <Icon name="file" />
      </span>
      <div class="file-words">
        <span>
          <bdi>{one.name}</bdi>
        </span>
        {one.failed === "" ? (
          <progress max={1} value={one.sent} aria-label={s.files.sending(one.name)} />
        ) : (
          <p class="fault-text" role="alert">
            {one.failed}
          </p>
        )}
      </div>
      {one.failed !== "" && (
        <span class="line">
          <button type="button" class="button quiet small" onClick={() => retryUpload(one.id)}>
            {s.files.retry}
          </button>
          <button
            type="button"
            class="button icon-only"
            aria-label={s.files.dismiss(one.name)}
            title={s.files.dismiss(one.name)}
            onClick={() => dropUpload(one.id)}
          >
            <Icon name="close" />
          </button>
        </span>
      )}
    </li>
  );
}

/** A picture as large as the window has room for. */
function Look({ file, close }: { file: Attachment; close: () => void }): JSX.Element {
  const { task } = useContext(OnRecord);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const href = attachmentHref(task.key, file.id);
  return (
    <dialog
      class="dialog look"
      ref={dialog}
      aria-label={file.name}
      onClose={close}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="line">
        <bdi>{file.name}</bdi>
        <a class="button quiet" href={href} download={file.name}>
          {s.files.download}
        </a>
        <button
          type="button"
          class="button icon-only"
          aria-label={shared.close}
          title={shared.close}
          onClick={() => dialog.current?.close()}
        >
          <Icon name="close" />
        </button>
      </div>
      <img src={href} alt={file.name} />
    </dialog>
  );
}

interface FilesProps {
  files: readonly Attachment[] | null;
  error: unknown;
  retry: () => void;
}

export function Files({ files, error, retry }: FilesProps): JSX.Element | null {
  const { task, may } = useContext(OnRecord);
  const all = useStore(uploads);
  const [over, setOver] = useState(false);
  const [look, setLook] = useState<Attachment | null>(null);
  const choose = useRef<HTMLInputElement>(null);
  const sending = all.filter((one) => one.key === task.key);

  // The whole page takes files, so that nobody has to aim.
  useEffect(() => {
    if (!may.write) return;
    const take = (event: DragEvent | ClipboardEvent, data: DataTransfer | null): void => {
      if (event.defaultPrevented || !data?.types.includes("Files")) return;
      event.preventDefault();
      const over = event.type === "dragover";
      setOver(over);
      if (!over) upload(task.key, [...data.files]);
    };
    const drag = (event: DragEvent): void => take(event, event.dataTransfer);
    const out = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const paste = (event: ClipboardEvent): void => take(event, event.clipboardData);
    const listeners = { dragover: drag, drop: drag, dragleave: out, paste };
    for (const [type, listener] of Object.entries(listeners))
      document.addEventListener(type, listener as EventListener);
    return () => {
      for (const [type, listener] of Object.entries(listeners))
        document.removeEventListener(type, listener as EventListener);
    };
  }, [task.key, may.write]);

  const items = files ?? [];
  if (!may.write && items.length === 0 && error === null) return null;
  return (
    <section class={over ? "card files over" : "card files"}>
      <div class="line between">
        <h2>{s.files.heading}</h2>
        {may.write && (
          <>
            <button type="button" class="button quiet small" onClick={() => choose.current?.click()}>
              <Icon name="attach" />
              {s.files.add}
            </button>
            <input
              ref={choose}
              type="file"
              multiple
              hidden
              aria-label={s.files.add}
              onChange={(event) => {
                upload(task.key, [...(event.currentTarget.files ?? [])]);
                event.currentTarget.value = "";
              }}
            />
          </>
        )}
      </div>
      {error !== null && <Failure error={error} retry={retry} />}
      {(items.length > 0 || sending.length > 0) && (
        <ul class="stack">
          {sending.map((one) => (
            <Sending key={`sending ${one.id}`} one={one} />
          ))}
          {items.map((file) => (
            <File key={file.id} file={file} look={() => setLook(file)} />
          ))}
        </ul>
      )}
      {may.write && <p class="hint screen-only">{s.files.hint}</p>}
      {look && <Look file={look} close={() => setLook(null)} />}
    </section>
  );
}
