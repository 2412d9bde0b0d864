import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { speak, type Speech } from './language.ts';

/** The language that the page speaks. */
export const SpeechContext: ReturnType<typeof createContext<Speech>> = createContext<Speech>(speak('en'));

export function useSpeech(): Speech {
  return useContext(SpeechContext);
}
