/** A product of the invented loyalty system: what clients do to earn points, and what they spend them on. */
export interface DemoProduct {
  readonly id: number;
  readonly name: string;
  readonly category: string;
  readonly description: string | null;
  /** Points that one gives, or takes where it is negative. */
  readonly points: number;
  /** How many of a hundred sold items are this one. */
  readonly weight: number;
}

type Line = readonly [name: string, category: string, points: number, weight: number, description?: string];

/** Names with quotes, separators and accents are on purpose. */
const LINES: readonly Line[] = [
  ['Remada do dia', 'participação', 30, 30],
  ['Mensagem na correnteza', 'participação', 5, 34],
  ['Maré alta: sete dias seguidos', 'participação', 350, 4],
  ['Amigo trazido na canoa', 'participação', 200, 3],
  ['Enquete da margem', 'participação', 80, 6],
  ['Adesivo Tucunaré', 'loja', -60, 4],
  ['Caneca Igarapé', 'loja', -200, 1, 'Cerâmica; 300 ml'],
  ['Camiseta Vitória-régia', 'loja', -500, 1],
  ['Chapéu de palha', 'loja', -240, 1],
  ['Rede de dormir', 'loja', -800, 1, 'Algodão cru, com "varanda"'],
  ['Açaí na tigela', 'sabores', -120, 3],
  ["Farinha d'água", 'sabores', -45, 3],
  ['Cupuaçu em calda', 'sabores', -80, 2],
  ['Cupom "Banzeiro" 10%', 'cupons', -100, 2],
  ['Oficina: nós; do básico ao avançado', 'oficinas', -250, 1],
  ['Muda de buriti', 'doações', -30, 2],
  ['Barco-biblioteca', 'doações', -50, 2],
];

const LAST_DAY_LINE: Line = ['Passeio ao encontro das águas', 'oficinas', -2000, 0, 'Saída às 6h'];

/** The products that there are on a day: one more on the third, and a description that was missing. */
export function demoProducts(day: 1 | 2 | 3): DemoProduct[] {
  const lines = day === 3 ? [...LINES, LAST_DAY_LINE] : LINES;
  return lines.map(([name, category, points, weight, description = null], index) => {
    const isDescribedLate = day === 3 && name === 'Muda de buriti';
    return {
      id: index + 1,
      name,
      category,
      points,
      weight,
      description: isDescribedLate ? 'Plantada em seu nome' : description,
    };
  });
}
