namespace Engine.Kernels.Solve;

/// <summary>Asks for rows of a factor matrix little by little, as the work that hides the waiting goes on.</summary>
/// <param name="factors">The matrix.</param>
/// <param name="stride">Floats from row to row.</param>
/// <param name="width">Floats of a row that are read.</param>
/// <param name="ordinals">The rows.</param>
/// <param name="count">How many.</param>
/// <param name="work">The whole work, above 0, in the unit of <see cref="Step"/>.</param>
internal unsafe struct PrefetchWalk(float* factors, nint stride, int width, int* ordinals, int count, int work)
{
    private int _done;
    private int _next;

    /// <summary>So much of the work comes now: its share of the rows is asked for.</summary>
    public void Step(int share)
    {
        _done += share;
        for (var until = count == 0 ? 0 : (int)((long)count * _done / work); _next < until; _next++)
        {
            RowPrefetch.Ask(factors + (ordinals[_next] * stride), width);
        }
    }
}
