using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Engine.Server.OpenApi;

/// <summary>The schemas of messages and enums in proto3 JSON.</summary>
internal sealed class MessageSchemas
{
    private readonly SortedDictionary<string, JsonNode> _schemas = new(StringComparer.Ordinal);

    /// <summary>All that were asked for, and all that those name.</summary>
    public JsonObject All => new(_schemas.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    /// <summary>What stands for a schema of these.</summary>
    public static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    /// <summary>A reference to the schema of a message.</summary>
    public JsonObject Of(MessageDescriptor type)
    {
        if (type.FullName == Timestamp.Descriptor.FullName)
        {
            return new() { ["type"] = "string", ["format"] = "date-time" };
        }

        if (!_schemas.ContainsKey(Name(type)))
        {
            // Before its fields: messages contain each other.
            var schema = new JsonObject { ["type"] = "object" };
            _schemas.Add(Name(type), schema);
            Describe(schema, type);
            schema["properties"] = new JsonObject(type.Fields.InDeclarationOrder()
                .Select(field => KeyValuePair.Create(field.JsonName, (JsonNode?)Of(field))));
        }

        return Reference(Name(type));
    }

    /// <summary>The schema of a field.</summary>
    public JsonObject Of(FieldDescriptor field)
    {
        var schema = field.FieldType switch
        {
            FieldType.Message => Of(field.MessageType),
            FieldType.Enum => Of(field.EnumType),
            FieldType.Bool => new() { ["type"] = "boolean" },
            FieldType.Double => new() { ["type"] = "number", ["format"] = "double" },
            FieldType.Float => new() { ["type"] = "number", ["format"] = "float" },
            FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 =>
                new() { ["type"] = "integer", ["format"] = "int32" },
            FieldType.UInt32 or FieldType.Fixed32 =>
                new() { ["type"] = "integer", ["format"] = "int64", ["minimum"] = 0, ["maximum"] = uint.MaxValue },
            FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 =>
                new() { ["type"] = "string", ["format"] = "int64" },
            FieldType.UInt64 or FieldType.Fixed64 => new() { ["type"] = "string", ["format"] = "uint64" },
            FieldType.String => new() { ["type"] = "string" },
            FieldType.Bytes => new() { ["type"] = "string", ["format"] = "byte" },
            _ => throw new NotSupportedException($"{field.FullName} has a type without a JSON schema"),
        };
        schema = field.IsRepeated ? new JsonObject { ["type"] = "array", ["items"] = schema } : schema;
        if (schema.ContainsKey("$ref"))
        {
            // Beside $ref, OpenAPI 3.0 ignores everything.
            schema = new JsonObject { ["allOf"] = new JsonArray(schema) };
        }

        if (field.HasPresence && field.FieldType != FieldType.Message)
        {
            // Without a value it differs from zero.
            schema["nullable"] = true;
        }

        return Describe(schema, field);
    }

    private static string Name(MessageDescriptor type) =>
        type.ContainingType is { } outer ? $"{Name(outer)}_{type.Name}" : type.Name;

    private static JsonObject Describe(JsonObject schema, DescriptorBase declared)
    {
        if (DescribedContract.Comment(declared) is { Length: > 0 } comment)
        {
            schema["description"] = comment;
        }

        return schema;
    }

    private JsonObject Of(EnumDescriptor type)
    {
        var name = type.ContainingType is { } outer ? $"{Name(outer)}_{type.Name}" : type.Name;
        if (!_schemas.ContainsKey(name))
        {
            var values = type.Values.Select(value => (value.Name, Comment: DescribedContract.Comment(value))).ToArray();
            var schema = new JsonObject
            {
                ["type"] = "string",
                ["enum"] = new JsonArray([.. values.Select(value => (JsonNode)value.Name)]),
            };
            var comments = values.Where(value => value.Comment.Length > 0)
                .Select(value => $"{value.Name}: {value.Comment}").Prepend(DescribedContract.Comment(type));
            schema["description"] = string.Join('\n', comments.Where(comment => comment.Length > 0));
            _schemas.Add(name, schema);
        }

        return Reference(name);
    }
}
