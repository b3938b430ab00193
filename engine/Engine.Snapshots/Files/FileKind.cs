namespace Engine.Snapshots.Files;

/// <summary>What a name in a folder stands for.</summary>
public enum FileKind
{
    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link. Links inside a snapshot root are never followed.</summary>
    Link,

    /// <summary>A pipe, socket or device.</summary>
    Special,
}
