using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engine.Server.Errors;
using Google.Protobuf.Reflection;

namespace Engine.Server.Json;

/// <summary>
/// Checks a request body against its message and rewrites it in canonical form. JSON transcoding ignores unknown fields, reads
/// numbers only in their own form and names .NET types in its errors; what passes here has none of that.
/// </summary>
internal sealed class CanonicalJson
{
    /// <summary>Objects and arrays within each other: what JSON transcoding reads.</summary>
    private const int MaximumDepth = 64;

    private static readonly ConcurrentDictionary<MessageDescriptor, Dictionary<string, FieldDescriptor>> Known = new();

    private readonly List<(FieldDescriptor Field, int Index)> _path = [];
    private readonly Utf8JsonWriter _writer;

    private CanonicalJson(Utf8JsonWriter writer) => _writer = writer;

    /// <summary>The fields of a message by both of their names.</summary>
    public static IReadOnlyDictionary<string, FieldDescriptor> FieldsOf(MessageDescriptor type) => Fields(type);

    /// <summary>The canonical form of a body.</summary>
    /// <exception cref="FieldException">A field is unknown, given twice, or cannot hold its value.</exception>
    /// <exception cref="InputException">The body is not JSON, not an object, or nested too deep.</exception>
    public static ReadOnlyMemory<byte> Of(in ReadOnlySequence<byte> body, MessageDescriptor type)
    {
        var target = new ArrayBufferWriter<byte>((int)body.Length + 64);
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaximumDepth + 1 });
        try
        {
            using var writer = new Utf8JsonWriter(target, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new InputException($"found {JsonValues.Found(ref reader)} as the request body, expected a JSON object with the fields of {type.Name}");
            }

            new CanonicalJson(writer).Message(ref reader, type);
            reader.Read();
        }
        catch (JsonException e)
        {
            throw reader.CurrentDepth >= MaximumDepth
                ? new InputException($"the request body nests more than {MaximumDepth} objects and arrays, expected at most {MaximumDepth}")
                : new InputException($"the request body is not valid JSON: error in line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
        }

        return target.WrittenMemory;
    }

    private static Dictionary<string, FieldDescriptor> Fields(MessageDescriptor type) => Known.GetOrAdd(type, static type =>
    {
        var fields = new Dictionary<string, FieldDescriptor>(StringComparer.Ordinal);
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            fields[field.Name] = fields[field.JsonName] = field;
        }

        return fields;
    });

    private static void Next(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.CurrentDepth >= MaximumDepth)
        {
            throw new JsonException();
        }
    }

    private void Message(ref Utf8JsonReader reader, MessageDescriptor type)
    {
        // One bit a field of the contract; FieldCountTests keeps messages below 64 fields.
        var (seen, oneofs) = (0UL, 0UL);
        _writer.WriteStartObject();
        for (Next(ref reader); reader.TokenType == JsonTokenType.PropertyName; Next(ref reader))
        {
            var name = reader.GetString()!;
            if (!Fields(type).TryGetValue(name, out var field))
            {
                throw Unknown(name, type);
            }

            _path.Add((field, -1));
            if ((seen & (1UL << field.Index)) != 0)
            {
                throw new FieldException(PathText(), $"found {PathText()} twice, expected it once");
            }

            seen |= 1UL << field.Index;
            Next(ref reader);

            // In proto3 JSON, null means: not set.
            if (reader.TokenType != JsonTokenType.Null)
            {
                CheckOneof(field, ref oneofs);
                _writer.WritePropertyName(field.JsonName);
                Value(ref reader, field);
            }

            _path.RemoveAt(_path.Count - 1);
        }

        _writer.WriteEndObject();
    }

    private void CheckOneof(FieldDescriptor field, ref ulong oneofs)
    {
        if (field.RealContainingOneof is not { } oneof)
        {
            return;
        }

        if ((oneofs & (1UL << oneof.Index)) != 0)
        {
            throw new FieldException(PathText(), $"found {PathText()} beside another field of '{oneof.Name}', expected only one of {string.Join(", ", oneof.Fields.Select(one => one.Name))}");
        }

        oneofs |= 1UL << oneof.Index;
    }

    private void Value(ref Utf8JsonReader reader, FieldDescriptor field)
    {
        if (!field.IsRepeated)
        {
            Single(ref reader, field);
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw JsonValues.Wrong(PathText(), JsonValues.Found(ref reader), $"an array, each element {JsonValues.Expected(field)}");
        }

        _writer.WriteStartArray();
        Next(ref reader);
        for (var i = 0; reader.TokenType != JsonTokenType.EndArray; i++, Next(ref reader))
        {
            _path[^1] = (field, i);
            Single(ref reader, field);
        }

        _writer.WriteEndArray();
    }

    private void Single(ref Utf8JsonReader reader, FieldDescriptor field)
    {
        if (field.FieldType == FieldType.String && reader.TokenType == JsonTokenType.String && reader is { HasValueSequence: false, ValueIsEscaped: false } &&
            System.Text.Unicode.Utf8.IsValid(reader.ValueSpan))
        {
            // Most of a body: ids.
            _writer.WriteStringValue(reader.ValueSpan);
        }
        else if (field.FieldType != FieldType.Message)
        {
            JsonValues.Write(ref reader, field, PathText(), _writer);
        }
        else if (reader.TokenType == JsonTokenType.StartObject)
        {
            Message(ref reader, field.MessageType);
        }
        else
        {
            throw JsonValues.Wrong(PathText(), JsonValues.Found(ref reader), JsonValues.Expected(field));
        }
    }

    private FieldException Unknown(string name, MessageDescriptor type)
    {
        var path = _path.Count == 0 ? name : $"{PathText()}.{name}";
        return UnknownField(path, name, type);
    }

    /// <summary>The error of a name that a message does not have.</summary>
    public static FieldException UnknownField(string path, string name, MessageDescriptor type)
    {
        var known = type.Fields.InDeclarationOrder().Select(field => field.Name).ToArray();
        var near = Names.Nearest(name, known) is { } nearest ? $"; did you mean {nearest}?" : "";
        return new FieldException(path, $"found the unknown field '{path}'{near} {type.Name} has: {string.Join(", ", known)}");
    }

    private string PathText() => string.Join('.', _path.Select(step => step.Index < 0 ? step.Field.Name : string.Create(CultureInfo.InvariantCulture, $"{step.Field.Name}[{step.Index}]")));
}
