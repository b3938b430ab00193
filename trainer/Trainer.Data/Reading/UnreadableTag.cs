using Engine.Datasets.Mapping;
using Engine.Kernels;
using Engine.Tables.Rows;

namespace Trainer.Data.Reading;

/// <summary>How many cells of a tag could not be read, and the first of them.</summary>
internal sealed class UnreadableTag(string column, TagType type)
{
    private const int MostShown = 40;

    private long _count;
    private string _first = "";

    /// <summary>Products whose cell is not empty.</summary>
    public long Filled { get; set; }

    /// <summary>Counts the reader's current cell.</summary>
    public void Add(TableReader row, int cell)
    {
        if (_count++ == 0)
        {
            var text = row.Text(cell);
            var shown = text[..Math.Min(text.Length, MostShown)].ToString();
            _first = InvariantText.Of($"'{shown}' ({Path.GetFileName(row.File)}, line {row.Line})");
        }
    }

    /// <summary>A sentence when one cell in twenty or more is unreadable; else null.</summary>
    public string? Warning() => _count * 20 < Filled || _count == 0
        ? null
        : InvariantText.Of(
            $"{_count:N0} of {Filled:N0} values of the tag '{column}' are no {type.ToString().ToLowerInvariant()} and "
            + $"were left empty, for example {_first}. Rules on the tag do not find these products: correct the "
            + $"values, or the tag's type.");
}
