import { useEffect, useRef, useState } from "react";
import { levelOf } from "./microphone";

const STILL_MS = 500;
const STEPS = 4;

/** How loud one's own microphone is; in calm steps for who wants little motion. */
export function MicrophoneMeter({ track, muted }: { track: MediaStreamTrack; muted: boolean }) {
  const bar = useRef<HTMLSpanElement>(null);
  const [heard, setHeard] = useState(false);

  useEffect(() => {
    if (muted) {
      setHeard(false);
      return;
    }
    const level = levelOf(track);
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    let frame = 0;
    const show = () => {
      const now = level.read();
      const shown = still ? Math.ceil(now * STEPS) / STEPS : now;
      if (bar.current !== null) bar.current.style.width = `${Math.round(shown * 100)}%`;
      setHeard(now > 0.15);
      if (!still) frame = requestAnimationFrame(show);
    };
    const ticking = still ? setInterval(show, STILL_MS) : undefined;
    show();
    return () => {
      cancelAnimationFrame(frame);
      clearInterval(ticking);
      level.close();
    };
  }, [track, muted]);

  const words = muted ? "Your microphone is muted" : heard ? "You are heard" : "You are silent";
  return (
    <div className="meter" role="img" aria-label={`Your microphone: ${words}`}>
      <span className="meter-track">
        <span ref={bar} className="meter-bar" hidden={muted} />
      </span>
      <span className="meter-words" aria-hidden="true">
        {words}
      </span>
    </div>
  );
}
