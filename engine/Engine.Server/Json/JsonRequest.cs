using System.Buffers;
using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Engine.Server.Admission;
using Engine.Server.Errors;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Engine.Server.Json;

/// <summary>
/// Reads a request body as its message, strictly. JSON transcoding ignores unknown fields, reads numbers only in their
/// own form and names .NET types in its errors; this reader does none of that.
/// </summary>
internal sealed class JsonRequest
{
    /// <summary>Objects and arrays within each other: what JSON transcoding reads.</summary>
    private const int MaximumDepth = 64;

    private static readonly ConcurrentDictionary<MessageDescriptor, Dictionary<string, FieldDescriptor>> Known = new();

    private readonly List<(FieldDescriptor Field, int Index)> _path = [];

    private readonly int _mostElements;
    private int _elements;

    private JsonRequest(int mostElements) => _mostElements = mostElements;

    /// <summary>The fields of a message by both of their names.</summary>
    public static IReadOnlyDictionary<string, FieldDescriptor> FieldsOf(MessageDescriptor type) => Fields(type);

    /// <summary>The message of a body.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="type">What it should hold.</param>
    /// <param name="mostElements">Elements of all arrays.</param>
    /// <exception cref="FieldException">
    /// There are too many elements, or a field is unknown, given twice, or cannot hold its value.
    /// </exception>
    /// <exception cref="InputException">The body is not JSON, not an object, or nested too deep.</exception>
    public static IMessage Read(in ReadOnlySequence<byte> body, MessageDescriptor type, int mostElements = int.MaxValue)
    {
        if (body.IsEmpty)
        {
            throw new InputException(
                $"the request body is not valid JSON: it is empty, expected an object with the fields of {type.Name}");
        }

        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaximumDepth + 1 });
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new InputException(
                    $"found {JsonValues.Found(ref reader)} as the request body, expected a JSON object with "
                    + $"the fields of {type.Name}");
            }

            var message = new JsonRequest(mostElements).Message(ref reader, type);
            reader.Read();
            return message;
        }
        catch (JsonException e)
        {
            throw reader.CurrentDepth >= MaximumDepth
                ? new InputException(
                    $"the request body nests more than {MaximumDepth} objects and arrays, "
                    + $"expected at most {MaximumDepth}")
                : new InputException(
                    $"the request body is not valid JSON: error in line {e.LineNumber + 1}, "
                    + $"byte {e.BytePositionInLine + 1}");
        }
    }

    private static Dictionary<string, FieldDescriptor> Fields(MessageDescriptor type) =>
        Known.GetOrAdd(type, static type =>
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

    private static string Name(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new InputException(
                "the request body has a field name that is not valid Unicode text, expected UTF-8 and paired "
                + "surrogates");
        }
    }

    private IMessage Message(ref Utf8JsonReader reader, MessageDescriptor type)
    {
        // One bit a field of the contract; a test keeps messages below 64 fields.
        var (seen, oneofs) = (0UL, 0UL);
        var message = type.Parser.ParseFrom([]);
        for (Next(ref reader); reader.TokenType == JsonTokenType.PropertyName; Next(ref reader))
        {
            var name = Name(ref reader);
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
                Value(ref reader, field, message);
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return message;
    }

    private void CheckOneof(FieldDescriptor field, ref ulong oneofs)
    {
        if (field.RealContainingOneof is not { } oneof)
        {
            return;
        }

        if ((oneofs & (1UL << oneof.Index)) != 0)
        {
            throw new FieldException(PathText(), $"found {PathText()} beside another field of '{oneof.Name}', " +
                $"expected only one of {string.Join(", ", oneof.Fields.Select(one => one.Name))}");
        }

        oneofs |= 1UL << oneof.Index;
    }

    private void Value(ref Utf8JsonReader reader, FieldDescriptor field, IMessage message)
    {
        if (!field.IsRepeated)
        {
            field.Accessor.SetValue(message, Single(ref reader, field));
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw JsonValues.Wrong(
                PathText(), JsonValues.Found(ref reader), $"an array, each element {JsonValues.Expected(field)}");
        }

        var list = (IList)field.Accessor.GetValue(message);
        Next(ref reader);
        for (var i = 0; reader.TokenType != JsonTokenType.EndArray; i++, Next(ref reader))
        {
            _path[^1] = (field, i);
            Count();
            list.Add(Single(ref reader, field));
        }
    }

    private object Single(ref Utf8JsonReader reader, FieldDescriptor field)
    {
        if (field.FieldType != FieldType.Message)
        {
            return JsonValues.Read(ref reader, field, PathText);
        }

        return reader.TokenType == JsonTokenType.StartObject
            ? Message(ref reader, field.MessageType)
            : throw JsonValues.Wrong(PathText(), JsonValues.Found(ref reader), JsonValues.Expected(field));
    }

    private void Count()
    {
        if (++_elements > _mostElements)
        {
            throw RequestBounds.TooMany(_path[0].Field.Name, _mostElements);
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
        var near = Names.Nearest(name, known) is { } nearest ? $"; did you mean {nearest}?" : ";";
        return new FieldException(
            path, $"found the unknown field '{path}'{near} {type.Name} has: {string.Join(", ", known)}");
    }

    private string PathText() => string.Join('.', _path.Select(step => step.Index < 0
        ? step.Field.Name
        : string.Create(CultureInfo.InvariantCulture, $"{step.Field.Name}[{step.Index}]")));
}
