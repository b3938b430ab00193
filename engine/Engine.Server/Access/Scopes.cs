namespace Engine.Server.Access;

/// <summary>What a key may be allowed to do in a workspace. No scope includes another one.</summary>
[Flags]
internal enum Scopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Ask about users and products that the caller names.</summary>
    Read = 1,

    /// <summary>Get ids of people: ranked users, members of audiences, rows of results.</summary>
    Audience = 2,

    /// <summary>Create and manage tasks.</summary>
    Task = 4,

    /// <summary>See and change saved pools and blocked products.</summary>
    Catalog = 8,

    /// <summary>Choose what is served, and forget people.</summary>
    Admin = 16,

    /// <summary>Send events.</summary>
    Events = 32,

    /// <summary>As the need of a call: one of them is enough.</summary>
    Any = Read | Audience | Task | Catalog | Admin | Events,
}
