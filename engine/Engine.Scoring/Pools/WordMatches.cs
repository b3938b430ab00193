using System.Buffers;

namespace Engine.Scoring.Pools;

/// <summary>
/// For each word whether a comparison holds for it. The memory is shared by all conditions: a rule of hundreds of them
/// over a large catalog would make the collector stop every request again and again.
/// </summary>
/// <param name="memory">Of the shared pool, at least as long as there are words.</param>
internal readonly struct WordMatches(bool[] memory) : IDisposable
{
    /// <summary>Whether it holds for a word.</summary>
    public bool this[int word] => memory[word];

    /// <summary>Gives the memory back; nobody may ask afterwards.</summary>
    public void Dispose() => ArrayPool<bool>.Shared.Return(memory);
}
