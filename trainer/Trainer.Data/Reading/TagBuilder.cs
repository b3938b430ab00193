using Engine.Datasets.Behaviors;
using System.Buffers;
using System.Text.Json;
using Engine.Datasets.Mapping;
using Trainer.Data.Rows;

namespace Trainer.Data.Reading;

/// <summary>Collects the cells of one tag column, product by product.</summary>
internal abstract class TagBuilder(TagDefinition tag)
{
    private TagDefinition Definition { get; } = tag;

    private string Alias => Definition.Alias ?? Definition.Column;

    /// <summary>A builder for the tag's type.</summary>
    public static TagBuilder For(TagDefinition tag) => tag.Type switch
    {
        TagType.Text => new Text(tag),
        TagType.Multi => new Multi(tag),
        TagType.Number => new Number(tag),
        _ => new Date(tag),
    };

    /// <summary>
    /// Appends the next product's cell. Returns false when it cannot be read; it then counts as empty.
    /// </summary>
    /// <param name="cell">The cell.</param>
    /// <param name="decimalComma">Whether the decimal sign of its number is a comma.</param>
    public abstract bool Add(ReadOnlySpan<char> cell, bool decimalComma);

    /// <summary>The finished column.</summary>
    public abstract TagColumn Build();

    /// <summary>A cell that seems to hold several values, where none was cut into several; else null.</summary>
    public virtual string? Uncut => null;

    private sealed class Text(TagDefinition tag) : TagBuilder(tag)
    {
        private readonly IdTable _values = new();
        private readonly List<int> _codes = [];

        public override bool Add(ReadOnlySpan<char> cell, bool decimalComma)
        {
            _codes.Add(cell.IsEmpty ? -1 : Code(_values, cell));
            return true;
        }

        public override TagColumn Build() =>
            new TextTag(Alias, Definition.Statistical, _values.ToArray(), [.. _codes]) { Column = Definition.Column };
    }

    private sealed class Multi(TagDefinition tag) : TagBuilder(tag)
    {
        private readonly IdTable _values = new();
        private readonly List<int> _offsets = [0];
        private readonly List<int> _codes = [];
        private static readonly SearchValues<char> Separators = SearchValues.Create("|;/,，；、");

        private bool _isCut;
        private string? _uncut;

        public override string? Uncut => _isCut ? null : _uncut;

        public override bool Add(ReadOnlySpan<char> cell, bool decimalComma)
        {
            var read = true;
            if (cell is ['[', .., ']'] or ['{', .., '}'])
            {
                read = AddJson(cell); // {red,blue} of a database is no JSON; its braces are no part of a value
                _isCut = true;
            }
            else if (string.IsNullOrEmpty(Definition.Separator))
            {
                AddValue(cell);
            }
            else
            {
                foreach (var part in cell.Split(Definition.Separator))
                {
                    AddValue(cell[part]);
                }
            }

            _isCut |= _codes.Count - _offsets[^1] > 1;
            _uncut ??= _isCut || !cell.ContainsAny(Separators) ? null : cell.ToString();
            _offsets.Add(_codes.Count);
            return read;
        }

        public override TagColumn Build() =>
            new MultiTag(Alias, Definition.Statistical, _values.ToArray(), [.. _offsets], [.. _codes])
            {
                Column = Definition.Column,
            };

        private bool AddJson(ReadOnlySpan<char> cell)
        {
            try
            {
                foreach (var value in JsonSerializer.Deserialize<JsonElement[]>(cell) ?? [])
                {
                    AddValue(value.ValueKind == JsonValueKind.Null ? "" : value.ToString());
                }

                return true;
            }
            catch (JsonException)
            {
                return false;
            }
        }

        private void AddValue(ReadOnlySpan<char> value)
        {
            value = value.Trim();
            if (!value.IsEmpty && Code(_values, value) is var code && _codes.IndexOf(code, _offsets[^1]) < 0)
            {
                _codes.Add(code);
            }
        }
    }

    private sealed class Number(TagDefinition tag) : TagBuilder(tag)
    {
        private readonly List<double> _values = [];

        public override bool Add(ReadOnlySpan<char> cell, bool decimalComma)
        {
            var read = NumberText.TryParse(cell, decimalComma, out double value);
            _values.Add(read ? value : double.NaN);
            return read || cell.IsEmpty;
        }

        public override TagColumn Build() =>
            new NumberTag(Alias, Definition.Statistical, [.. _values]) { Column = Definition.Column };
    }

    private sealed class Date(TagDefinition tag) : TagBuilder(tag)
    {
        private readonly TimeParser _parser = TimeParser.For(tag.TimeFormat ?? TimeParser.Auto);
        private readonly List<int> _days = [];

        public override bool Add(ReadOnlySpan<char> cell, bool decimalComma)
        {
            var read = _parser.TryParse(cell, out var time);
            _days.Add(read ? DateOnly.FromDateTime(time).DayNumber - BehaviorLog.BaseDay.DayNumber : DateTag.Empty);
            return read || cell.IsEmpty;
        }

        public override TagColumn Build() =>
            new DateTag(Alias, Definition.Statistical, [.. _days]) { Column = Definition.Column };
    }

    private static int Code(IdTable values, ReadOnlySpan<char> value) =>
        values.Find(value) is var code and >= 0 ? code : values.Add(value);
}
