using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Engine.Client.Calls;

/// <summary>What the client reads of messages, whatever their type: user, workspace and snapshot.</summary>
internal static class CallFacts
{
    private static readonly ConcurrentDictionary<(MessageDescriptor, string), FieldDescriptor?> Fields = new();

    /// <summary>Empty when the message has no such field.</summary>
    public static string User(object message) => Text(message, "user_id");

    /// <summary>The workspace by its name.</summary>
    public static string Workspace(object message) =>
        Text(message, "workspace") is { Length: > 0 } name ? name : "default";

    /// <summary>Empty when the message has no such field.</summary>
    public static string Snapshot(object message) => Text(message, "snapshot_id");

    private static string Text(object message, string name) =>
        message is IMessage known && Fields.GetOrAdd((known.Descriptor, name), Find) is { } field
            ? (string)field.Accessor.GetValue(known)
            : "";

    private static FieldDescriptor? Find((MessageDescriptor Type, string Field) key) =>
        key.Type.FindFieldByName(key.Field) is { FieldType: FieldType.String, IsRepeated: false } field ? field : null;
}
