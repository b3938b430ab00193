using Engine.Model.Kernels;

namespace Trainer.Models;

/// <summary>
/// The ridge systems of <see cref="LocalRidge"/> and its supervised twin: G_NN + lam I of a few chosen items, solved. An entry
/// counts when either row kept it. Scratch of one thread.
/// </summary>
/// <param name="neighbors">Chosen items at most, 65,535 or fewer.</param>
/// <param name="items">Items in all.</param>
public sealed class SubGram(int neighbors, int items)
{
    private readonly DenseSystem _system = new(neighbors);

    // 1 + the item's row in the system, 0 for all that are not chosen.
    private readonly ushort[] _place = new ushort[items];
    private int[] _found = [];

    /// <summary>Solves (G_NN + lam I) w = b; a Gram with entries left out may be indefinite, which a lam four times as strong mends.</summary>
    /// <param name="gram">G.</param>
    /// <param name="chosen">N, distinct.</param>
    /// <param name="ridge">lam, above 0.</param>
    /// <param name="right">Sets b; called again for each lam that is tried.</param>
    /// <param name="weights">Receives w; as long as N.</param>
    public void Solve(IGram gram, ReadOnlySpan<int> chosen, float ridge, Action<float[]> right, float[] weights)
    {
        for (var strength = ridge; chosen.Length > 0; strength *= 4)
        {
            Fill(gram, chosen, strength);
            right(weights);
            if (_system.Solve(weights))
            {
                return;
            }
        }
    }

    // Upper triangle: one pass over each chosen row.
    private void Fill(IGram gram, ReadOnlySpan<int> chosen, float strength)
    {
        for (var n = 0; n < chosen.Length; n++)
        {
            _system.Row(n)[..chosen.Length].Clear();
            _system.Row(n)[n] = gram.Diagonal[chosen[n]] + strength;
            _place[chosen[n]] = (ushort)(n + 1);
        }

        for (var n = 0; n < chosen.Length; n++)
        {
            var columns = gram.Columns(chosen[n]);
            var values = gram.Values(chosen[n]);
            foreach (var e in Among(columns))
            {
                var place = _place[columns[e]] - 1;
                _system.Row(Math.Min(n, place))[Math.Max(n, place)] = values[e];
            }
        }

        foreach (var item in chosen)
        {
            _place[item] = 0;
        }
    }

    // Where the chosen ones are among the columns. Few are, so there is no branch to be guessed wrong.
    private ReadOnlySpan<int> Among(ReadOnlySpan<int> columns)
    {
        if (_found.Length < columns.Length)
        {
            _found = new int[columns.Length];
        }

        var (found, place, count) = (_found, _place, 0);
        for (var e = 0; e < columns.Length; e++)
        {
            found[count] = e;
            count += place[columns[e]] != 0 ? 1 : 0;
        }

        return found.AsSpan(0, count);
    }
}
